package journal

import (
	"slices"
	"time"

	"tagbridge/sinks"
)

// Loss is a stretch of the log that a sink did not get.
type Loss struct {
	From, To sinks.Pos // To is not in it
	Samples  uint64    // of it, those that the sink would have got
	Reason   string    // one of ReasonNames
	// First and Last are when the oldest and the newest of the samples were read; zero when nobody can know, as with
	// damage.
	First, Last time.Time
	Noted       time.Time // when it was known to be lost
}

// joins reports that next follows l and can be told with it.
func (l *Loss) joins(next Loss) bool { return l.To == next.From && l.Reason == next.Reason }

// join adds a loss that comes after l. Its times may be before those of l, where the clock was set back.
func (l *Loss) join(next Loss) {
	l.To, l.Samples, l.Noted = next.To, l.Samples+next.Samples, next.Noted
	if l.First.IsZero() || !next.First.IsZero() && next.First.Before(l.First) {
		l.First = next.First
	}
	if next.Last.After(l.Last) {
		l.Last = next.Last
	}
}

// find is where in list the loss at p is, or would be.
func find(list []Loss, p sinks.Pos) int {
	i, _ := slices.BinarySearchFunc(list, p, func(l Loss, p sinks.Pos) int {
		if l.To <= p {
			return -1
		}
		return 1
	})
	return i
}

// enter puts l into list, in place of all that it is over; with a neighbour that it joins it becomes one.
func enter(list []Loss, l Loss) []Loss {
	from := find(list, l.From)
	to := from
	for to < len(list) && list[to].From < l.To {
		to++
	}
	if to > from && list[from].From < l.From { // what of it is before l is left as it is
		head := list[from]
		head.To = l.From
		head.Samples = min(head.Samples, uint64(head.To-head.From))
		list = slices.Insert(list, from, head)
		from, to = from+1, to+1
	}
	if to > from && list[to-1].To > l.To { // likewise
		tail := list[to-1]
		tail.From = l.To
		tail.Samples = min(tail.Samples, uint64(tail.To-tail.From))
		list = slices.Insert(list, to, tail)
	}
	if from > 0 && list[from-1].joins(l) {
		list[from-1].join(l)
		return slices.Delete(list, from, to)
	}
	return slices.Replace(list, from, to, l)
}

// condense makes of list at most so many stretches, by joining neighbours of one reason, those first between which the
// least lies, but leaves alone what is not before passed. What lies between them was not lost: the samples say how many were.
func condense(list []Loss, most int, passed sinks.Pos) []Loss {
	for limit := sinks.Pos(1); len(list) > most && limit < maxPos; limit *= 4 {
		kept := list[:1:1]
		for _, l := range list[1:] {
			last := &kept[len(kept)-1]
			if last.Reason == l.Reason && l.From-last.To < limit && l.To <= passed {
				last.join(l)
				continue
			}
			kept = append(kept, l)
		}
		list = kept
	}
	return list
}
