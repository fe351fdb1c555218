package tagmap

import (
	"errors"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

var (
	errThousands = errors.New("thousands are not separated: write the number without blanks, commas and points between its digits")
	errComma     = errors.New("the decimal mark is a point (a comma only in files whose cells are separated by semicolons)")
	errNumber    = errors.New("must be a number")
)

// number reads a decimal of a cell; a comma may be its decimal mark where comma is set.
func number(text string, comma bool) (mapping.Decimal, error) {
	if rest, ok := strings.CutPrefix(text, "\u2212"); ok {
		text = "-" + rest // the minus sign that some spreadsheets and word processors set
	}
	if comma {
		text = withPoint(text)
	}
	d, err := mapping.ParseDecimal(text)
	if err == nil {
		return d, nil
	}
	digits := strings.ContainsAny(text, "0123456789")
	switch {
	case !digits || strings.Trim(text, "0123456789.,+-eE '\u00A0\u202F") != "":
		return d, numberError(text, err)
	case strings.ContainsAny(text, " '\u00A0\u202F"), strings.Count(text, ",")+strings.Count(text, ".") > 1:
		return d, errThousands
	case grouped(text):
		return d, errThousands
	case strings.Contains(text, ","):
		return d, errComma
	}
	return d, numberError(text, err)
}

// withPoint is a number with a decimal comma as one with a point; any other text stays.
func withPoint(text string) string {
	if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		return strings.Replace(text, ",", ".", 1)
	}
	return text
}

// grouped reports a number such as 1,000 or 12,345, which is more likely a thousand than a fraction.
func grouped(text string) bool {
	whole, rest, found := strings.Cut(strings.TrimLeft(text, "+-"), ",")
	return found && len(rest) == 3 && whole != "0" && whole != "" && len(whole) <= 3
}

func numberError(text string, err error) error {
	if why := source.Reason(err, text); why != "not a number" {
		return errors.New(why)
	}
	return errNumber
}

// decimal reads the number of column c; Set is false when there is none, or none that can be used.
func (r *row) decimal(c column) mapping.Bound {
	text := r.text(c)
	if text == "" {
		return mapping.Bound{}
	}
	d, err := number(text, r.comma)
	if err != nil {
		r.problemf(c, "%v", err)
		return mapping.Bound{}
	}
	if r.comma {
		r.doubt(c, text)
	}
	return mapping.Bound{Decimal: d, Set: true}
}

// doubt takes note of what tells decimal points from thousands.
func (r *row) doubt(c column, text string) {
	if strings.Contains(text, ",") {
		r.commas = true
	} else if !grouped(strings.Replace(text, ".", ",", 1)) {
		r.points = r.points || strings.Contains(text, ".")
	} else if len(r.doubtful) < source.MaxProblems {
		r.doubtful = append(r.doubtful, doubt{r.place(r.cells[c]), c, text})
	}
}

// settleDoubts reports the doubtful numbers of a file that is read to its end, once it is known how it writes fractions.
func (r *row) settleDoubts() {
	for _, n := range r.doubtful {
		if !r.commas && r.points {
			return // this file has decimal points
		}
		if !r.commas {
			r.d.Warnf(n.place, "%s", cellMessage(n.column.String(), n.text,
				"is taken for a fraction: if it is a thousand, write it without the point, else with fewer or more digits"))
			continue
		}
		r.d.Problemf(n.place, "%s", cellMessage(n.column.String(), n.text,
			"a thousand? Other numbers here have decimal commas: write it without the point, or with a comma"))
	}
}

// rangeColumns are those of a linear range.
var rangeColumns = []column{colRawMin, colRawMax, colEngMin, colEngMax}

// firstOf is the first of columns that r has.
func (r *row) firstOf(columns ...column) (column, bool) {
	for _, c := range columns {
		if r.has(c) {
			return c, true
		}
	}
	return 0, false
}

// readScaling reads scale and offset, or a range.
func readScaling(b *tagBuilder, r *row, t *mapping.Tag) {
	scaled, hasScale := r.firstOf(colScale, colOffset)
	ranged, hasRange := r.firstOf(rangeColumns...)
	if !hasScale && !hasRange {
		readClamp(r, t)
		return
	}
	if !t.Type.IsNumber() {
		c := ranged
		if hasScale {
			c = scaled
		}
		r.problemf(c, "a %s is not scaled", t.Type)
	}
	if hasScale && hasRange {
		r.problemf(scaled, "scale and offset go without raw_min, raw_max, eng_min and eng_max: keep one of both")
	}
	s := &t.Scaling
	if hasScale {
		readLinear(r, s)
	}
	if hasRange {
		readRange(b, r, t)
	}
	readClamp(r, t)
}

func readLinear(r *row, s *mapping.Scaling) {
	one := mapping.Decimal{Mant: 1}
	s.Scale = one
	if v := r.decimal(colScale); v.Set {
		s.Scale = v.Decimal
		if v.IsZero() {
			r.problemf(colScale, "must not be 0: every value would be the offset")
		}
	}
	s.Offset = r.decimal(colOffset).Decimal
	if s.Scale != one || !s.Offset.IsZero() {
		s.Kind = mapping.Linear
	}
}

func readRange(b *tagBuilder, r *row, t *mapping.Tag) {
	s := &t.Scaling
	rawMin, rawMax := r.decimal(colRawMin), r.decimal(colRawMax)
	engMin, engMax := r.decimal(colEngMin), r.decimal(colEngMax)
	s.RawMin, s.RawMax, s.EngMin, s.EngMax = rawMin.Decimal, rawMax.Decimal, engMin.Decimal, engMax.Decimal
	var missing []string
	for _, c := range rangeColumns {
		if !r.has(c) {
			missing = append(missing, c.String())
		}
	}
	first, _ := r.firstOf(rangeColumns...)
	switch {
	case len(missing) == 0:
		s.Kind = mapping.FromRange
	case r.has(colEngMin) && r.has(colEngMax) && len(missing) == 2 && (b.kind.typed || needsEng(r)):
		// The range of a value that comes in engineering units, for clamp and deadband.
	default:
		r.problemf(first, "a range needs raw_min, raw_max, eng_min and eng_max: %s missing", andList(missing))
	}
	if engMin.Set && engMax.Set && engMin.Cmp(engMax.Decimal) > 0 {
		// The same line from its other end: clamp can then take the ends for the lower and the upper one.
		s.RawMin, s.RawMax, s.EngMin, s.EngMax = s.RawMax, s.RawMin, s.EngMax, s.EngMin
	}
	if rawMin.Set && rawMax.Set {
		if rawMin.Cmp(rawMax.Decimal) == 0 {
			r.problemf(colRawMax, "must differ from raw_min")
		}
		checkRaw(r, t, colRawMin, rawMin)
		checkRaw(r, t, colRawMax, rawMax)
	}
	if engMin.Set && engMax.Set && engMin.Cmp(engMax.Decimal) == 0 {
		r.problemf(colEngMax, "must differ from eng_min: every value would be the same")
	}
}

// needsEng reports a row that uses its engineering range for more than scaling.
func needsEng(r *row) bool {
	clamp := r.text(colClamp)
	return clamp != "" && !strings.EqualFold(clamp, "none") || strings.HasSuffix(r.text(colDeadband), "%")
}

func checkRaw(r *row, t *mapping.Tag, c column, v mapping.Bound) {
	if !fits(t, v.Decimal) {
		r.warnf(c, "%s never reads it: is the type right?", t.TypeText())
	}
}

func andList(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "") + " is"
	}
	return strings.Join(words[:last], ", ") + " and " + words[last] + " are"
}

var clampNames = []string{"none", "low", "high", "both"} // by mapping.Clamp

func readClamp(r *row, t *mapping.Tag) {
	text := r.text(colClamp)
	if text == "" {
		return
	}
	for i, name := range clampNames {
		if !strings.EqualFold(text, name) {
			continue
		}
		t.Clamp = mapping.Clamp(i)
		if i > 0 && !(r.has(colEngMin) && r.has(colEngMax)) {
			r.problemf(colClamp, "needs eng_min and eng_max, the range to hold the value in")
		}
		return
	}
	r.problemf(colClamp, "must be %s%s", source.OrList(clampNames), source.DidYouMean(text, clampNames))
}

// readLimits reads the plausible range.
func readLimits(_ *tagBuilder, r *row, t *mapping.Tag) {
	c, ok := r.firstOf(colMin, colMax)
	if !ok {
		return
	}
	if !t.Type.IsNumber() {
		r.problemf(c, "a %s has no plausible range", t.Type)
	}
	t.Min, t.Max = r.decimal(colMin), r.decimal(colMax)
	if t.Min.Set && t.Max.Set && t.Min.Cmp(t.Max.Decimal) > 0 {
		r.problemf(colMin, "must not be more than max, %s", r.text(colMax))
	}
}
