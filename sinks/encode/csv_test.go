package encode

import (
	"encoding/csv"
	"strings"
	"testing"

	"tagbridge/mapping"
)

func TestCSV(t *testing.T) {
	b := poll()
	b.Group.Series[0].Unit = `°C, "air"`
	bad(b, 7, mapping.BadTimeout)
	const head = "2026-01-02T03:04:05.678901234Z,line-3,boiler,"
	checkText(t, new(CSV).Append(nil, b),
		head+`temp,23.1,,Good,"°C, ""air"""`+"\n"+
			head+"level,50.5,,Good,%\n"+
			head+`state,1,"running ""fast""",Good,`+"\n"+
			head+"energy,9223372036854775807,,Good,\n"+
			head+"delta,-9223372036854775808,,Good,\n"+
			head+"on,true,,Good,\n"+
			head+"name,\"Kessel \"\"7\"\"\nüber\",,Good,\n"+
			head+"flow,,,BadTimeout,\n"+
			head+"steps,-5,,Good,\n")
}

func TestCSVTellsEmptyTextFromNone(t *testing.T) {
	b := &mapping.Batch{Group: plant()}
	s := mapping.Sample{Index: 6}
	b.PutText(&s, nil)
	b.Samples = append(b.Samples, s, mapping.Sample{Index: 6, Quality: mapping.BadTimeout})
	lines := strings.Split(string(new(CSV).Append(nil, b)), "\n")
	if !strings.HasSuffix(lines[0], `,name,"",,Good,`) || !strings.HasSuffix(lines[1], ",name,,,BadTimeout,") {
		t.Errorf("rows %q", lines)
	}
}

func FuzzCSVReadsBack(f *testing.F) {
	for _, name := range names {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		g := mapping.NewGroup(mapping.Group{Bridge: name, Device: name, Series: []*mapping.Series{{Tag: name, SeriesTraits: &mapping.SeriesTraits{Unit: name}}}})
		b := &mapping.Batch{Group: g}
		s := mapping.Sample{Time: at}
		b.PutText(&s, []byte(name))
		b.Samples = append(b.Samples, s)
		rows, err := csv.NewReader(strings.NewReader(CSVHeader + string(new(CSV).Append(nil, b)))).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q reads as %q, %v", name, rows, err)
		}
		want := strings.ReplaceAll(name, "\r\n", "\n") // encoding/csv reads them so
		for _, i := range []int{1, 2, 3, 4, 7} {
			if rows[1][i] != want {
				t.Errorf("column %s reads %q, want %q", rows[0][i], rows[1][i], want)
			}
		}
	})
}
