package probe

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tagbridge/mapping"
)

// Sure is how sure a place is.
type Sure uint8

// From knowing nothing to knowing.
const (
	Nothing Sure = iota // nothing fits
	Several             // several places fit, and none stands out
	Likely              // one stands out
	Certain             // nothing else fits, and it moved as the display did
)

var sureNames = [...]string{"nothing fits", "several fit", "likely", "certain"}

func (s Sure) String() string { return sureNames[s] }

// Found is what a search found.
type Found struct {
	Candidates []Candidate // the best first
	Sure       Sure        // of the first
	Why        string      // in words: what it rests on, or what to do
	Readings   int         // with a number
}

// OrderFor is o with the byte order that f tells of, and how the order is known, in words.
func (f *Found) OrderFor(o Options) (Options, string) {
	settled := f.Sure >= Likely && f.Candidates[0].Registers > 1
	switch {
	case settled && o.Proven && f.Candidates[0].Order != o.Order:
		why := fmt.Sprintf("of what was found, where the map of the device has %s", o.Order)
		o.Order = f.Candidates[0].Order
		return o, why
	case o.Proven:
		return o, "of the map of the device, or as asked"
	case settled:
		o.Order, o.Proven = f.Candidates[0].Order, true
		return o, "of what was found"
	}
	return o, "do not know: no order explains the registers far better than others"
}

// maxCandidates is how many are worth a look.
const maxCandidates = 200

// Search finds the places that give what was shown in every reading. Readings of nothing shown only show what moves.
func Search(readings []Reading, o Options) Found {
	s := search{o: o, forms: forms()}
	for _, r := range readings {
		if r.Shown == nil || len(r.Snapshots) == 0 {
			continue
		}
		s.readings = append(s.readings, r)
		var list []*memory
		for i := range r.Snapshots {
			list = append(list, newMemory(&r.Snapshots[i], o.Unit))
		}
		s.memories = append(s.memories, list)
	}
	f := Found{Candidates: s.candidates(s.find()), Readings: len(s.readings)}
	if len(f.Candidates) == 0 {
		s.forms = ranges()
		f.Candidates = s.candidates(s.find())
	}
	f.Sure, f.Why = s.judge(f.Candidates)
	f.Candidates = f.Candidates[:min(len(f.Candidates), maxCandidates)]
	return f
}

// candidates are hits, twins as one, the best first.
func (s *search) candidates(hits []hit) []Candidate {
	type key struct {
		table     mapping.Table
		first     int
		part      mapping.Part
		bit       uint8
		length    int
		registers int
		kind      mapping.Type // the signed one of twins
		order     mapping.Order
		scale     int
	}
	at := map[key]int{}
	var list []Candidate
	for i := range hits {
		h := &hits[i]
		k := key{h.table, h.first, h.form.part, h.form.bit, h.form.length, h.form.registers, signed(h.form), h.form.order, h.scale}
		if n, ok := at[k]; ok {
			c := &list[n]
			c.Type, c.Same = signed(h.form), unsigned(h.form)
			continue
		}
		at[k] = len(list)
		list = append(list, Candidate{
			Address: mapping.Address{Table: h.table, Number: uint16(h.first), Part: h.form.part, Bit: h.form.bit},
			Type:    h.form.kind, Length: h.form.length, Order: h.form.order, Registers: h.form.registers,
			Scale: scales[h.scale].scale, Value: h.value, Moved: h.moved, Between: h.between,
			cost: s.cost(h), rare: h.form.rare,
		})
	}
	list = withoutRareTwins(list)
	slices.SortStableFunc(list, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(b.Address.Table, a.Address.Table), cmp.Compare(a.Address.Number, b.Address.Number))
	})
	return list
}

// withoutRareTwins is list without rare types of registers that a usual type reads as what was shown, too.
func withoutRareTwins(list []Candidate) []Candidate {
	type place struct {
		address   mapping.Address
		registers int
		order     mapping.Order
		scale     mapping.Decimal
	}
	at := func(c *Candidate) place { return place{c.Address, c.Registers, c.Order, c.Scale} }
	usual := map[place]bool{}
	for i := range list {
		if c := &list[i]; !c.rare {
			usual[at(c)] = true
		}
	}
	return slices.DeleteFunc(list, func(c Candidate) bool { return c.rare && usual[at(&c)] })
}

func signed(f *form) mapping.Type {
	if f.twin != mapping.TypeAuto && !isSigned(f.kind) {
		return f.twin
	}
	return f.kind
}

func unsigned(f *form) mapping.Type {
	if f.twin != mapping.TypeAuto && isSigned(f.kind) {
		return f.twin
	}
	return f.kind
}

// What speaks for or against a place, in the units of the costs of types.
const (
	otherOrderCost = 20 // another order than the device has
	floatScaleCost = 3  // a float is rarely scaled
	betweenCost    = 2  // only between two readings
	stillCost      = 6  // it is the same while the display changed
	zerosCost      = 4  // more registers than it needs, which are 0
	negativeGain   = 3  // of each of these that goes on with the sign
)

// cost is what speaks against h.
func (s *search) cost(h *hit) float64 {
	c := h.form.cost + scales[h.scale].cost
	if isFloat(h.form.kind) && scales[h.scale].factor != 1 {
		c += floatScaleCost
	}
	if h.between {
		c += betweenCost
	}
	if s.o.Proven && !sameOrder(h.form, s.o.Order) {
		c += otherOrderCost
	}
	if !h.moved && s.shownMoved() {
		c += stillCost
	}
	return c + s.extension(h)
}

// sameOrder reports that f reads bytes as order has them. What has one register knows no order of words.
func sameOrder(f *form, order mapping.Order) bool {
	if f.registers == 1 {
		return f.order.SwapsBytes() == order.SwapsBytes()
	}
	return f.order == order
}

// shownMoved reports that the display did not show the same all the time.
func (s *search) shownMoved() bool {
	for n := range s.readings {
		if s.readings[n].Shown.Value != s.readings[0].Shown.Value {
			return true
		}
	}
	return false
}

// extension is what speaks against an integer of several registers where fewer would do: there are zeros everywhere. Those
// of 0xFFFF before a negative number go on with its sign, which is no accident.
func (s *search) extension(h *hit) float64 {
	if isFloat(h.form.kind) || h.form.registers == 1 {
		return 0
	}
	if h.form.kind == mapping.TypeMod10k {
		c := 0.0
		for n := h.form.length - 1; n > 0 && math.Abs(h.value) < math.Pow(10, float64(4*n))*scales[h.scale].factor; n-- {
			c += zerosCost
		}
		return c
	}
	raw := s.memories[0][0].find(h.table, h.first, h.form.registers)
	ones, zeros := 0, 0
	for i := 0; i+1 < len(raw); i += 2 {
		switch {
		case raw[i] == 0xFF && raw[i+1] == 0xFF:
			ones++
		case raw[i] == 0 && raw[i+1] == 0:
			zeros++
		}
	}
	switch {
	case h.value < 0:
		return -negativeGain * float64(ones)
	case zeros == h.form.registers-1:
		return zerosCost
	}
	return 0
}

// judge says how sure the first of list is, and why.
func (s *search) judge(list []Candidate) (Sure, string) {
	n := len(s.readings)
	switch {
	case n == 0:
		return Nothing, "no number was given"
	case len(list) == 0 && n == 1:
		return Nothing, "no register that was read gives this number in any type, order or scale: look at other addresses, or at the other table (input, holding)"
	case len(list) == 0:
		return Nothing, "what fits one reading does not fit all: did the display change in between? Type what it shows at the moment of the reading"
	case !s.shownMoved() && s.readings[0].Shown.Value == 0:
		return Several, "zeros are everywhere: look again when the display shows something else than 0"
	case !s.shownMoved():
		return s.undecided(list), "a second reading, when the display shows something else, tells what is right from what is so by chance"
	case len(list) > 1:
		return s.undecided(list), "another reading tells them apart, if the value moves far enough; a value that crosses 0 or 65536 tells types apart"
	case list[0].Type == mapping.TypeBits:
		return Likely, "nothing else fits, but some bits of many registers give small numbers by chance: another reading will tell"
	case list[0].Between:
		return Likely, "nothing else fits, but the value moved while it was read: another reading will tell"
	}
	if why := s.tooFew(&list[0]); why != "" {
		return Likely, why
	}
	return Certain, "nothing else fits, and it moved as the display did"
}

// undecided is Likely where the first of list stands out.
func (s *search) undecided(list []Candidate) Sure {
	if len(list) == 1 || list[1].cost-list[0].cost >= 2 {
		return Likely
	}
	return Several
}

// What readings have to bring for a place to be certain.
const (
	leastDigits = 3
	sureDigits  = 4
	sureMove    = 20 // halves of a unit of the last digit
	sureTimes   = 3  // readings that differ, if they have fewer digits or moved less
)

// tooFew says what is lacking for certainty that c, which alone fits, is no accident; "" when nothing is.
func (s *search) tooFew(c *Candidate) string {
	digits, moved := math.MaxInt, 0.0
	var values []float64
	for i := range s.readings {
		shown := s.readings[i].Shown
		digits = min(digits, shown.Digits)
		moved = max(moved, math.Abs(shown.Value-s.readings[0].Shown.Value)/shown.Half)
		values = append(values, shown.Value)
	}
	slices.Sort(values)
	times := len(slices.Compact(values))
	switch {
	case digits < leastDigits:
		return "nothing else fits, but a number of so few digits fits by chance: another reading, if it can be of three digits or more"
	case s.near > 0 && times < sureTimes:
		return "nothing else fits, but other registers hold similar numbers: a third reading makes it certain"
	case times >= sureTimes, digits >= sureDigits && moved >= sureMove:
		return ""
	}
	return "nothing else fits; a third reading makes it certain"
}
