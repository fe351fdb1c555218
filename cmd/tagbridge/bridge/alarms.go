package bridge

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
	"tagbridge/mapping/config"
)

// AlarmState is an alarm that is active.
type AlarmState struct {
	Device, Tag string // whose alarm it is
	Level       alarm.Level
	Name        string    // of the level
	Since       time.Time // when it was raised
	Changed     time.Time // when its level became what it is
	// Limit is that of the level; a bool has none: nil.
	Limit    *mapping.Decimal
	Unit     string
	Priority int
	Text     string
	Quality  mapping.Quality // of the tag: bad, and the alarm is as it was before
	Row      *mapping.Tag    // of the tag
	// Value is the tag's, as JSON has it, and null where it is bad; see Bridge.Alarms.
	Value []byte
}

// alarmBook knows which alarms are active. It is safe for concurrent use.
type alarmBook struct {
	mu      sync.Mutex
	rows    map[string]alarmRow // by device/tag of the alarm, TAG.alarm
	active  map[string]*AlarmState
	changes map[alarmKind]uint64
}

// alarmRow is what the map says of an alarm.
type alarmRow struct {
	device string
	tag    *mapping.Tag
}

// alarmKind is what alarms are counted by.
type alarmKind struct {
	Device   string
	Priority int
}

// set has the alarms be those of cfg: of one that is gone nothing is active.
func (b *alarmBook) set(cfg *config.Config) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = map[string]alarmRow{}
	for _, r := range alarmedTags(cfg) {
		b.rows[r.device.Name+"/"+r.tag.Name+mapping.AlarmSuffix] = alarmRow{r.device.Name, r.tag}
	}
	for name, was := range b.active {
		row, ok := b.rows[name]
		if !ok {
			delete(b.active, name)
			continue
		}
		now := row.state(was.Level)
		now.Since, now.Changed, now.Quality = was.Since, was.Changed, was.Quality
		b.active[name] = now
	}
}

// state is what is known of an alarm of that level by its row.
func (r alarmRow) state(level alarm.Level) *AlarmState {
	a := r.tag.Alarm
	s := &AlarmState{
		Device: r.device, Tag: r.tag.Name, Level: level, Name: a.LevelName(level), Unit: r.tag.Unit, Priority: a.Priority, Text: a.Text, Row: r.tag,
	}
	if l := a.Limit(level); !a.Binary && l.Set {
		s.Limit = &l.Decimal
	}
	return s
}

// restore takes over an alarm as it was kept over a restart: it is no news.
func (b *alarmBook) restore(name string, st *alarm.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if row, ok := b.rows[name]; ok && st.Level() != alarm.None {
		s := row.state(st.Level())
		s.Since, s.Changed, s.Quality = time.Unix(0, st.Since()), time.Unix(0, st.Changed()), mapping.Quality(st.Quality())
		b.put(name, s)
	}
}

// put makes s what is active under that name. The caller holds mu.
func (b *alarmBook) put(name string, s *AlarmState) {
	if b.active == nil {
		b.active = map[string]*AlarmState{}
	}
	b.active[name] = s
}

// take takes over what has come of an alarm, and returns the event that it is; false: it is none.
func (b *alarmBook) take(name string, o *alarm.Output) (e events.Event, told bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	row, ok := b.rows[name]
	if !ok {
		return e, false
	}
	if o.Level == alarm.None {
		delete(b.active, name)
	} else {
		s := row.state(o.Level)
		s.Since, s.Changed, s.Quality = notAhead(o.Since), notAhead(o.Changed), mapping.Quality(o.Quality)
		b.put(name, s)
	}
	if o.Before == o.Level {
		return e, false
	}
	// It has the time of the sample: should it be made up for after a kill, it is known by that.
	e = events.Event{
		Time: time.Unix(0, o.Time), Kind: events.Alarm, Device: row.device, Tag: row.tag.Name,
		Text: alarmSentence(row.tag, o.Before, o, time.Duration(o.Time-o.Since)),
	}
	if o.Before != alarm.None {
		e.Since = time.Unix(0, o.Since)
	}
	return e, true
}

// count counts a change of an alarm.
func (b *alarmBook) count(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if row, ok := b.rows[name]; ok {
		if b.changes == nil {
			b.changes = map[alarmKind]uint64{}
		}
		b.changes[alarmKind{row.device, row.tag.Alarm.Priority}]++
	}
}

// leave forgets what is active of devices that are read elsewhere: it was not cleared, and is told by whoever reads them.
func (b *alarmBook) leave(devices map[string]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, s := range b.active {
		if devices[s.Device] {
			delete(b.active, name)
		}
	}
}

// list is what is active, the most urgent first, then what was raised last.
func (b *alarmBook) list() []AlarmState {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]AlarmState, 0, len(b.active))
	for _, s := range b.active {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(x, y AlarmState) int {
		return cmp.Or(cmp.Compare(x.Priority, y.Priority), y.Since.Compare(x.Since), cmp.Compare(x.Device, y.Device), cmp.Compare(x.Tag, y.Tag))
	})
	return list
}

// AlarmCount is how many alarms of one device and priority there are.
type AlarmCount struct {
	Device   string
	Priority int
	Active   int
	Changes  uint64 // since the bridge began
}

// counts are those of each device and priority that has an alarm in a map.
func (b *alarmBook) counts() []AlarmCount {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[alarmKind]*AlarmCount{}
	for _, row := range b.rows {
		k := alarmKind{row.device, row.tag.Alarm.Priority}
		if all[k] == nil {
			all[k] = &AlarmCount{Device: k.Device, Priority: k.Priority, Changes: b.changes[k]}
		}
	}
	for _, s := range b.active {
		if n := all[alarmKind{s.Device, s.Priority}]; n != nil {
			n.Active++
		}
	}
	list := make([]AlarmCount, 0, len(all))
	for _, n := range all {
		list = append(list, *n)
	}
	slices.SortFunc(list, func(x, y AlarmCount) int {
		return cmp.Or(cmp.Compare(x.Device, y.Device), cmp.Compare(x.Priority, y.Priority))
	})
	return list
}

// Alarms are those that are active, the most urgent first, then those that were raised last, with the values that their tags
// have now.
func (b *Bridge) Alarms() []AlarmState {
	list := b.alarms.list()
	if len(list) == 0 {
		return list
	}
	at := make(map[[2]string]*AlarmState, len(list))
	var devices []string
	for i := range list {
		s := &list[i]
		s.Value = []byte("null")
		at[[2]string{s.Device, s.Tag}] = s
		if !slices.Contains(devices, s.Device) {
			devices = append(devices, s.Device)
		}
	}
	for t := range b.Tags(devices...) {
		if s := at[[2]string{t.Group.Device, t.Series.Tag}]; s != nil {
			s.Value, s.Quality = mapping.AppendJSONValue(nil, t.Series, &t.Sample, t.Text), t.Sample.Quality
		}
	}
	return list
}

// AlarmCounts are how many alarms there are, by device and priority.
func (b *Bridge) AlarmCounts() []AlarmCount { return b.alarms.counts() }
