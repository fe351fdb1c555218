package tagmap

import (
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/window"
)

// reckonedColumns are those of what comes from more than present values.
var reckonedColumns = [...]column{colAggregate, colWindow, colStamp, colTotal}

// stampNames are the times that the value of a window can have.
var stampNames = []string{"start", "end"}

// readReckoned reads whether a row is a window's or a total.
func readReckoned(b *tagBuilder, r *row, t *mapping.Tag) {
	first := colNoHeader
	for _, c := range reckonedColumns {
		if first == colNoHeader && r.has(c) {
			first = c
		}
	}
	switch {
	case first == colNoHeader:
		return
	case !b.kind.computes:
		r.problemf(first, "only a device with driver: derived has windows and totals: make it a row there, with expr: DEVICE/%s", t.Name)
		return
	case t.Computed == nil:
		r.problemf(first, "of what? The column expr is empty: name a tag there, such as boiler/temp, or write a formula")
		return
	}
	o := &mapping.Reckoned{}
	if r.has(colTotal) {
		readTotal(r, o)
	} else {
		readWindow(r, o)
	}
	if t.Type != mapping.TypeAuto && !t.Type.IsNumber() {
		r.problemf(colType, "the value of a window or a total is a number: leave this empty, or give a type of numbers")
	}
	t.Computed.Reckoned = o
}

// readTotal reads a row that is added up for ever.
func readTotal(r *row, o *mapping.Reckoned) {
	for _, c := range reckonedColumns[:3] {
		if r.has(c) {
			r.problemf(c, "a total goes on for ever: for what was added within a window, make another row with expr: DEVICE/TAG of this one, aggregate: delta and the window")
		}
	}
	text := strings.ToLower(r.text(colTotal))
	for i, name := range mapping.TotalNames {
		if text == name {
			o.Total = mapping.Total(i)
			return
		}
	}
	r.problemf(colTotal, "must be counter (what a counter has counted) or time (the integral over hours, of kW the kWh)%s",
		source.DidYouMean(text, mapping.TotalNames[1:]))
}

// readWindow reads a row that is reckoned of windows.
func readWindow(r *row, o *mapping.Reckoned) {
	if name := strings.ToLower(r.text(colAggregate)); name == "" {
		r.problemf(colAggregate, "what of the window? One of %s", source.OrList(window.Names()))
	} else if f, ok := window.Parse(name); ok {
		o.Aggregate = f
	} else {
		r.problemf(colAggregate, "must be %s%s", source.OrList(window.Names()), aggregateMeant(name))
	}
	switch text := r.text(colStamp); {
	case text == "" || strings.EqualFold(text, "end"):
	case strings.EqualFold(text, "start"):
		o.AtStart = true
	default:
		r.problemf(colStamp, "must be start or end%s", source.DidYouMean(text, stampNames))
	}
	if !r.has(colWindow) {
		r.problemf(colWindow, "over how long? Such as 15m, 1h, day or month")
		return
	}
	o.Span, o.Window = readSpan(r)
	if r.has(colPoll) {
		r.problemf(colPoll, "a window gives its value at its end: leave this empty")
	}
}

// aggregateWords are what other programs call the aggregates.
var aggregateWords = map[string]string{
	"avg": "average", "mean": "average", "min": "minimum", "max": "maximum", "spread": "range", "difference": "delta", "increase": "delta",
	"std": "stddev", "stdev": "stddev", "stddev_samp": "stddev", "timeaverage": "time_average", "timeaverage2": "time_average", "twa": "time_average",
	"percentgood": "percent_good", "durationinstatenonzero": "time_in_state", "runtime": "time_in_state", "numberoftransitions": "transitions",
	"starts": "transitions", "total": "sum", "interpolative": "time_average",
}

func aggregateMeant(name string) string {
	if meant := aggregateWords[name]; meant != "" {
		return ": did you mean " + meant + "?"
	}
	return source.DidYouMean(name, window.Names())
}

// windowWords are what people write for windows.
var windowWords = map[string]string{
	"1d": "day", "d": "day", "1 day": "day", "1day": "day", "daily": "day", "days": "day", "1mo": "month", "mo": "month", "1 month": "month", "monthly": "month",
	"months": "month", "hour": "1h", "hourly": "1h", "minute": "1m", "year": "8760h", "week": "168h", "1w": "168h", "quarter": "15m",
}

// readSpan reads how long a window is, and how that is called.
func readSpan(r *row) (window.Span, string) {
	text := strings.ToLower(r.text(colWindow))
	switch text {
	case "day":
		return window.Span{}, text
	case "month":
		return window.Span{Month: true}, text
	}
	if meant := windowWords[text]; meant != "" {
		r.problemf(colWindow, "must be a duration, day or month: did you mean %s?", meant)
		return window.Span{}, ""
	}
	before := r.bad
	d := r.duration(colWindow, 0, source.Between(10*time.Millisecond, time.Duration(window.MaxLength)))
	if r.bad && !before || d == 0 {
		return window.Span{}, ""
	}
	return window.Span{Length: d}, source.ShowDuration(d)
}
