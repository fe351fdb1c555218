package main

import (
	"fmt"
	"time"

	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// volumeJSON is what a configuration writes to its journal at most: less is written of tags that report by change.
type volumeJSON struct {
	SamplesPerSecond float64 `json:"samples_per_second"`
	BytesPerSecond   float64 `json:"bytes_per_second"`
	GBPerDay         float64 `json:"gb_per_day"`
	Hours            float64 `json:"hours"`      // of an outage until the oldest samples are lost
	LimitedBy        string  `json:"limited_by"` // max_size or max_age
	MaxSize          int64   `json:"max_size"`
	MaxAgeHours      float64 `json:"max_age_hours"`
	KeepHours        float64 `json:"keep_hours"`      // for how long delivered samples stay to look back on, at least
	KeepLimitedBy    string  `json:"keep_limited_by"` // keep or keep_size
	KeepSize         int64   `json:"keep_size"`
}

// What the journal's files need, as measured: for each poll, and for each value beside its own bytes.
const (
	pollBytes  = 43
	valueBytes = 0.03
)

// volumeOf is the volume of cfg.
func volumeOf(cfg *config.Config) volumeJSON {
	var v volumeJSON
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		polls := map[time.Duration]float64{} // bytes of each
		for _, t := range d.Tags {
			if t.Poll <= 0 || t.Withheld() {
				continue
			}
			if _, ok := polls[t.Poll]; !ok {
				polls[t.Poll] = pollBytes
			}
			polls[t.Poll] += protocolOf(d).bytes(t) + valueBytes
			v.SamplesPerSecond += 1 / t.Poll.Seconds()
		}
		for period, size := range polls {
			v.BytesPerSecond += size / period.Seconds()
		}
	}
	limits := cfg.Bridge.Journal
	v.MaxSize, v.MaxAgeHours = limits.MaxSize, limits.MaxAge.Hours()
	v.GBPerDay = v.BytesPerSecond * 86400 / 1e9
	v.Hours, v.LimitedBy = v.MaxAgeHours, "max_age"
	if v.BytesPerSecond > 0 {
		if hours := float64(limits.MaxSize) / v.BytesPerSecond / 3600; hours < v.Hours {
			v.Hours, v.LimitedBy = hours, "max_size"
		}
	}
	v.keep(limits)
	return v
}

// keep reckons how long what is delivered stays.
func (v *volumeJSON) keep(limits config.Journal) {
	v.KeepSize, v.KeepHours, v.KeepLimitedBy = limits.KeepSize, limits.Keep.Hours(), "keep"
	if v.BytesPerSecond > 0 {
		if hours := float64(limits.KeepSize) / v.BytesPerSecond / 3600; hours < v.KeepHours {
			v.KeepHours, v.KeepLimitedBy = hours, "keep_size"
		}
	}
}

// keptText says how long that is.
func (v volumeJSON) keptText() string {
	switch {
	case v.KeepHours == 0:
		return "nothing delivered is kept"
	case v.KeepLimitedBy == "keep":
		return fmt.Sprintf("%s of what is delivered are kept", hoursText(v.KeepHours))
	}
	return fmt.Sprintf("keep_size %s keeps %s of what is delivered", bytesText(float64(v.KeepSize)), hoursText(v.KeepHours))
}

// What a configuration keeps that says nothing of it: too little room for that is nothing to be warned of.
const (
	usualKeep     = 24 * time.Hour
	usualKeepSize = 256 << 20
)

// tooShort warns that cfg asks for more to be kept than there is room for.
func tooShort(cfg *config.Config) source.Problems {
	j, v := cfg.Bridge.Journal, volumeOf(cfg)
	if v.KeepLimitedBy != "keep_size" || j.KeepSize == 0 || j.Keep == usualKeep && j.KeepSize == usualKeepSize {
		return nil
	}
	return source.Problems{{File: cfg.File, Warning: true, Message: fmt.Sprintf(
		"bridge.journal: keep asks for %s of what is delivered, and keep_size %s holds %s at the rate of these tags: %s would do",
		hoursText(j.Keep.Hours()), bytesText(float64(j.KeepSize)), hoursText(v.KeepHours),
		bytesText(v.BytesPerSecond*j.Keep.Seconds()*1.05))}}
}

func (v volumeJSON) String() string {
	if v.SamplesPerSecond == 0 {
		return "journal: nothing is read at a rate that is known"
	}
	reach := fmt.Sprintf("max_size %s holds %s", bytesText(float64(v.MaxSize)), hoursText(v.Hours))
	if v.LimitedBy == "max_age" {
		reach = fmt.Sprintf("max_age keeps %s, within max_size %s", hoursText(v.Hours), bytesText(float64(v.MaxSize)))
	}
	return fmt.Sprintf("journal: %s samples/s, %s a day at most; %s; %s", figure(v.SamplesPerSecond, 4), decimalBytes(v.GBPerDay*1e9), reach,
		v.keptText())
}

// hoursText is hours, and days where that is easier to grasp.
func hoursText(h float64) string {
	if h >= 72 {
		return fmt.Sprintf("%.0f hours (%.0f days)", h, h/24)
	}
	return figure(h, 3) + " hours"
}

// decimalBytes is n in the unit that a disk's or a SIM card's size is told in.
func decimalBytes(n float64) string {
	switch {
	case n >= 1e9:
		return figure(n/1e9, 3) + " GB"
	case n >= 1e6:
		return figure(n/1e6, 3) + " MB"
	}
	return figure(n/1e3, 3) + " kB"
}
