package bridge

import (
	"context"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/mapping"
	"tagbridge/testrig/influxd"
)

// What reports none feeds formulas and can be looked at, and is no field of any sink; a reload that changes it ends it
// there, or has it begin.
func TestReportNone(t *testing.T) {
	const none = "tag,address,expr,report\nmantissa,holding:0,,none\nexponent,holding:1,,none\nvalue,,\"mantissa * pow(10, exponent)\",\n"
	r := newRig(t)
	r.write("tags.csv", none)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve(&r.load().Devices[0])
	if err := unit.Set(mapping.Holding, 0, 235, 2); err != nil {
		t.Fatal(err)
	}
	r.plant(addr, "")
	b := r.run()
	has := func(field string) func([]influxd.Point) bool {
		return func(points []influxd.Point) bool { return len(fieldsOf(points, field)) > 0 }
	}
	r.wait("the value", has("value"))
	if list := fieldsOf(r.influx.Points(), "value"); list[0] != 23500.0 {
		t.Errorf("value is %v, want 23500", list[0])
	}
	seen := map[string]string{}
	for tag := range b.bridge.Tags("plc") {
		seen[tag.Series.Tag] = string(mapping.AppendJSONValue(nil, tag.Series, &tag.Sample, tag.Text))
	}
	if seen["mantissa"] != "235" || seen["exponent"] != "2" {
		t.Errorf("present values %v, want those that are withheld too", seen)
	}
	b.noGaps()

	r.write("tags.csv", strings.Replace(none, "mantissa,holding:0,,none", "mantissa,holding:0,,", 1))
	b.hup()
	r.wait("a tag that is sent from now on", has("mantissa"))
	r.write("tags.csv", none)
	b.hup()
	r.wait("the end of a tag that is withheld from now on", has("mantissa.quality"))
	if list := fieldsOf(r.influx.Points(), "mantissa.quality"); len(list) != 1 || list[0] != "BadOutOfService" {
		t.Errorf("it ended with %v", list)
	}
	r.influx.Forget()
	r.wait("more polls", func(points []influxd.Point) bool { return len(fieldsOf(points, "value")) > 3 })
	r.write("tags.csv", strings.Replace(none, "exponent,holding:1,,none\n", "", 1))
	if s := b.hup(); s.Refused != 1 {
		t.Fatalf("a formula of a tag that is not there: %+v", s)
	}
	r.write("tags.csv", "tag,address,expr,report\nother,holding:1,,\n")
	b.hup()
	r.wait("the tag that is left", has("other"))
	points := r.influx.Points()
	for _, field := range []string{"mantissa", "exponent", "mantissa.quality", "exponent.quality"} {
		if list := fieldsOf(points, field); len(list) > 0 {
			t.Errorf("%s was sent: %v", field, list)
		}
	}
}

// noGaps wants every poll of every tag that is sent to be accounted for.
func (b *running) noGaps() {
	b.t.Helper()
	report, err := b.bridge.Gaps(context.Background(), gaps.Query{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, g := range report.Reading {
		b.t.Errorf("not read: %+v", g)
	}
	if len(report.Unclaimed) > 0 {
		b.t.Errorf("no sink takes %q", report.Unclaimed)
	}
}

// A new sink gets the present values of what is sent, and none of what is withheld.
func TestNewSinkGetsNothingWithheld(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", "tag,address,report\nhidden,holding:0,none\nseen,holding:1,change\n")
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, "")
	b := r.run()
	r.wait("the first sample", func(points []influxd.Point) bool { return len(fieldsOf(points, "seen")) > 0 })
	r.influx.Forget()
	r.edit("plant.yaml", "name: db", "name: other")
	b.hup()
	r.wait("the present value", func(points []influxd.Point) bool { return len(fieldsOf(points, "seen")) > 0 })
	if list := append(fieldsOf(r.influx.Points(), "hidden"), fieldsOf(r.influx.Points(), "hidden.quality")...); len(list) > 0 {
		t.Errorf("what is withheld was introduced: %v", list)
	}
}
