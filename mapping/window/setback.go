package window

// Started reports that there is an open window.
func (w *Window) Started() bool { return w.State.Start != w.State.End }

// SetBack has time go on from at, which is before what is reckoned: the clock was set back. What holds goes on; what the open
// window has is kept where at is in it.
func (w *Window) SetBack(at int64) {
	st := &w.State
	if !w.Started() || at >= st.At || at < -far {
		return
	}
	if at < st.Start {
		*st = State{Now: st.Now, Any: st.Any, Known: st.Known, HasKnown: st.HasKnown, Late: st.Late}
		st.Start, st.End = w.Span.Bounds(at)
	}
	st.At, st.Behind = at, 0
	if st.Any {
		st.Now.Time = min(st.Now.Time, at)
	}
}

// SetBack has time go on from at, which is before what is reckoned: the clock was set back. What holds goes on.
func (g *Integral) SetBack(at int64) {
	if g.Any && at < g.At && at >= -far {
		g.At, g.Last.Time, g.Behind = at, min(g.Last.Time, at), 0
	}
}
