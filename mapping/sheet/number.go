package sheet

import (
	"encoding/xml"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// style is how cells show numbers, as far as it tells what was typed.
type style struct {
	date     bool
	percent  bool
	decimals int // that are shown; -1: as many as there are
}

// readStyles reads the formats of numbers.
func (b *Book) readStyles(part string) error {
	own := map[string]string{}
	inCells := false
	return b.each(part, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			own[attr(e, "numFmtId")] = attr(e, "formatCode")
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if inCells {
				id := attr(e, "numFmtId")
				code, ok := own[id]
				if !ok {
					code = builtIn[id]
				}
				b.styles = append(b.styles, styleOf(code))
			}
		}
		return nil
	})
}

// builtIn are the formats that every spreadsheet has (ECMA-376 part 1, 18.8.30).
var builtIn = map[string]string{
	"1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%",
	"14": "mm-dd-yy", "15": "d-mmm-yy", "16": "d-mmm", "17": "mmm-yy", "18": "h:mm AM/PM", "19": "h:mm:ss AM/PM",
	"20": "h:mm", "21": "h:mm:ss", "22": "m/d/yy h:mm", "37": "#,##0", "38": "#,##0", "39": "#,##0.00", "40": "#,##0.00",
	"45": "mm:ss", "46": "[h]:mm:ss", "47": "mm:ss.0",
}

var (
	literal = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.|\[(?:[^hms\]][^\]]*|[hms][^hms\]][^\]]*)\]`)
	second  = regexp.MustCompile(`s\.0+`) // of a second
	places  = regexp.MustCompile(`^[#,]*0(?:\.(0+))?$`)
)

func styleOf(code string) style {
	if len(code) > 1000 {
		return style{decimals: -1}
	}
	first, _, _ := strings.Cut(literal.ReplaceAllString(code, ""), ";")
	s := style{decimals: -1, percent: strings.Contains(first, "%")}
	if m := places.FindStringSubmatch(first); m != nil {
		s.decimals = len(m[1])
	}
	lower := second.ReplaceAllString(strings.ToLower(first), "s")
	s.date = lower != "general" && strings.ContainsAny(lower, "ymdhs") && !strings.ContainsAny(lower, "0#?@")
	return s
}

// number is what a cell that holds the number text shows, when it was computed, or else what was typed into it.
func (b *Book) number(text string, s style, computed bool) (string, Kind) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return text, Number
	}
	switch {
	case s.date:
		return b.date(v), Date
	case s.percent:
		return plain(significant(v*100)) + "%", Number
	case computed && s.decimals >= 0:
		return strconv.FormatFloat(significant(v), 'f', s.decimals, 64), Number
	case computed:
		return plain(significant(v)), Number
	}
	return plain(v), Number
}

// significant is v with the 15 digits that spreadsheets show of a number.
func significant(v float64) float64 {
	f, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	return f
}

// plain is v with as many digits as tell it from others, without an exponent where it is no help.
func plain(v float64) string {
	if a := math.Abs(v); a != 0 && (a < 1e-9 || a >= 1e21) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// date is the day and time of a spreadsheet's number of days.
func (b *Book) date(days float64) string {
	if days < 0 || days > 3e6 {
		return plain(days)
	}
	from := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if b.epoch == 1904 {
		from = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	whole := math.Floor(days)
	t := from.AddDate(0, 0, int(whole)).Add(time.Duration((days-whole)*86400+0.5) * time.Second)
	switch {
	case whole == 0:
		return t.Format("15:04:05")
	case days == whole:
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 15:04:05")
}
