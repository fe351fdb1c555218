package heir

import (
	"sort"

	"tagbridge/sinks"
)

// State is what is known of what members have left. Nobody changes it any more.
type State struct {
	Rests []Rest
	Error string // why it is not known now; "": it is
}

// State is that of the last look; the zero State before it.
func (h *Heir) State() State {
	if s := h.state.Load(); s != nil {
		return *s
	}
	return State{}
}

// shown keeps what was decided for State.
func (h *Heir) shown(v Verdict, s *Sight) { h.state.Store(&State{Rests: v.Rests}) }

// show keeps an error for State.
func (h *Heir) show(err error) {
	if err == nil {
		return
	}
	s := h.State()
	if s.Error == err.Error() {
		return
	}
	h.o.Log.Warn("what members have left is not known at present", "err", err)
	s.Error = err.Error()
	h.state.Store(&s)
}

// sorted is list in ascending order, without overlaps.
func sorted(list []sinks.Span) (out []sinks.Span) {
	sort.Slice(list, func(i, j int) bool { return list[i].From < list[j].From })
	for _, s := range list {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}
