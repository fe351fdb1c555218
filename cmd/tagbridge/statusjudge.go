package main

import (
	"fmt"
	"strings"
	"time"
)

// What is well: every device is online, none of its tags is bad, every connection has time for its polls, every sink takes
// what is read, and the configuration on disk is the one that runs.
const (
	wellBehind = time.Minute // a sink that is this far behind is not well, though it takes what it is sent
	mostOnes   = 10          // devices and connections that are named one by one
)

// judge fills in the verdict and what is not well.
func (s *statusJSON) judge(now time.Time) {
	var short []string
	add := func(text string) {
		if text != "" {
			short = append(short, text)
		}
	}
	add(s.judgeBridge(now))
	add(s.judgeDevices(now))
	add(s.judgeTags())
	add(s.judgeConnections())
	for i := range s.Sinks {
		add(s.judgeSink(&s.Sinks[i]))
	}
	s.Well = len(short) == 0
	tags := 0
	for i := range s.Devices {
		tags += s.Devices[i].Tags
	}
	if s.Well {
		read := fmt.Sprintf("%s online, %s good", are(len(s.Devices), "device"), are(tags, "tag"))
		if len(s.Devices) == 0 {
			read = "there is no device"
		}
		s.Verdict = fmt.Sprintf("All is well: %s, %s", read, s.sinksTake())
		return
	}
	s.Verdict = "NOT WELL: " + strings.Join(short, ", ")
}

// are is "1 device is" or "3 devices are".
func are(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return plural(n, what) + " are"
}

// of is "1 of 3 devices is".
func of(n, all int, what string) string {
	verb := "are"
	if n == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%d of %s %s", n, plural(all, what), verb)
}

func (s *statusJSON) sinksTake() string {
	switch len(s.Sinks) {
	case 0:
		return "there is no sink"
	case 1:
		return "the sink takes all that is read"
	}
	return plural(len(s.Sinks), "sink") + " take all that is read"
}

// judgeBridge is about the bridge itself.
func (s *statusJSON) judgeBridge(now time.Time) string {
	var short []string
	if !s.ready.Ready {
		short = append(short, "it does not read yet")
		s.Problems = append(s.Problems, "the bridge is starting and does not read yet")
	}
	if s.ready.Journal != "" {
		short = append(short, "the journal is not kept on disk")
		s.Problems = append(s.Problems, "the journal "+s.ready.Journal+soFor(s.ready.JournalSince, now))
	}
	if n := len(s.ready.Configuration); n > 0 {
		text := "the changed configuration was refused"
		if s.ready.LastGood {
			text = "the configuration was refused, what was applied before runs"
		}
		short = append(short, text)
		if s.ready.RefusedSince != nil {
			s.Problems = append(s.Problems, "configuration: refused since "+stamp(*s.ready.RefusedSince)+soFor(s.ready.RefusedSince, now))
		}
		for i, p := range s.ready.Configuration {
			if i == mostOnes {
				s.Problems = append(s.Problems, fmt.Sprintf("configuration: and %d more", n-i))
				break
			}
			s.Problems = append(s.Problems, "configuration: "+p)
		}
	}
	return strings.Join(short, ", ")
}

// soFor is for how long something has been so; "" when nobody knows.
func soFor(since *time.Time, now time.Time) string {
	if since == nil {
		return ""
	}
	return ", for " + howLong(now.Sub(*since))
}

func (s *statusJSON) judgeDevices(now time.Time) string {
	n := 0
	for i := range s.Devices {
		d := &s.Devices[i]
		if d.Online {
			continue
		}
		if n++; n > mostOnes {
			continue
		}
		switch {
		case d.Since == nil && d.Error == "":
			s.Problems = append(s.Problems, fmt.Sprintf("device %s has not answered yet", d.Device))
		case d.Since == nil:
			s.Problems = append(s.Problems, fmt.Sprintf("device %s has not answered yet: %s", d.Device, d.Error))
		default:
			s.Problems = append(s.Problems, fmt.Sprintf("device %s is offline for %s: %s", d.Device, howLong(now.Sub(*d.Since)), d.Error))
		}
	}
	if n > mostOnes {
		s.Problems = append(s.Problems, fmt.Sprintf("and %d more devices are offline", n-mostOnes))
	}
	if n == 0 {
		return ""
	}
	return of(n, len(s.Devices), "device") + " offline"
}

// judgeTags is about tags of devices that are online.
func (s *statusJSON) judgeTags() string {
	bad, devices, tags := 0, 0, 0
	for i := range s.Devices {
		d := &s.Devices[i]
		tags += d.Tags
		if !d.Online || d.BadTags == 0 {
			continue
		}
		bad += d.BadTags
		if devices++; devices <= mostOnes {
			s.Problems = append(s.Problems, fmt.Sprintf("device %s: %s bad; status --bad says which, and why", d.Device, of(d.BadTags, d.Tags, "tag")))
		}
	}
	if devices > mostOnes {
		s.Problems = append(s.Problems, fmt.Sprintf("and tags of %d more devices are bad", devices-mostOnes))
	}
	if bad == 0 {
		return ""
	}
	return of(bad, tags, "tag") + " bad on devices that are online"
}

func (s *statusJSON) judgeConnections() string {
	n := 0
	for i := range s.Connections {
		l := &s.Connections[i]
		switch {
		case l.Overdue > 0:
			s.Problems = append(s.Problems, fmt.Sprintf("connection %s is stuck, for %s", l.Line, howLong(seconds(l.Overdue))))
		case len(l.SlowDown) > 0:
			first := l.SlowDown[0]
			s.Problems = append(s.Problems, fmt.Sprintf("connection %s has no time for all polls: read %s every %s instead of %s",
				l.Line, first.Device, first.Fits, first.Period))
		default:
			continue
		}
		n++
	}
	if n == 0 {
		return ""
	}
	return of(n, len(s.Connections), "connection") + " overloaded or stuck"
}

func (s *statusJSON) judgeSink(k *sinkSaid) string {
	wait := "wait"
	if k.BehindSamples == 1 {
		wait = "waits"
	}
	behind := fmt.Sprintf("%s %s, the oldest for %s", samples(k.BehindSamples), wait, howLong(seconds(k.BehindSeconds)))
	for _, lost := range k.Losses {
		if lost.Samples == 0 {
			continue
		}
		text := fmt.Sprintf("sink %s has lost %s (%s)", k.Sink, samples(lost.Samples), lost.Reason)
		if lost.First != nil && lost.Last != nil {
			text += fmt.Sprintf(", read from %s to %s", stamp(*lost.First), stamp(*lost.Last))
		}
		s.Notes = append(s.Notes, text)
	}
	if k.Rejected > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("sink %s has refused %s, which are kept aside", k.Sink, samples(k.Rejected)))
	}
	switch {
	case !k.Connected && k.Error != "":
		s.Problems = append(s.Problems, fmt.Sprintf("sink %s takes nothing, %s: %s", k.Sink, behind, k.Error))
		return fmt.Sprintf("sink %s takes nothing", k.Sink)
	case seconds(k.BehindSeconds) > wellBehind:
		text := fmt.Sprintf("sink %s is behind: %s", k.Sink, behind)
		if k.DrainSeconds != nil {
			text += fmt.Sprintf("; at its present pace it needs %s", howLong(seconds(*k.DrainSeconds)))
		} else {
			text += ", and it does not catch up"
		}
		s.Problems = append(s.Problems, text)
		return fmt.Sprintf("sink %s is behind", k.Sink)
	case k.SetAside > 0:
		s.Problems = append(s.Problems, fmt.Sprintf("sink %s refuses %s again and again: %s", k.Sink, plural(k.SetAside, "tag"), k.Error))
		return fmt.Sprintf("sink %s refuses %s", k.Sink, plural(k.SetAside, "tag"))
	}
	return ""
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// samples is how many, with commas.
func samples(n uint64) string {
	if n == 1 {
		return "1 sample"
	}
	return commas(n) + " samples"
}

// commas is n with commas between the thousands.
func commas(n uint64) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// howLong is d as people say it: two units at most.
func howLong(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d/time.Minute), int(d%time.Minute/time.Second))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d/time.Hour), int(d%time.Hour/time.Minute))
	}
	return fmt.Sprintf("%d days %d h", int(d/(24*time.Hour)), int(d%(24*time.Hour)/time.Hour))
}
