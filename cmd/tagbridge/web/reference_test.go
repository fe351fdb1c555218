package web

import (
	"encoding/json"
	"flag"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/cmd/tagbridge/health"
	chapter "tagbridge/cmd/tagbridge/manual"
	"tagbridge/cmd/tagbridge/plan"
	"tagbridge/sinks"
	"tagbridge/testrig/manual"
)

var update = flag.Bool("update", false, "write the reference of the manual")

var described = regexp.MustCompile(`^Desc\{fqName: "([^"]+)", .*variableLabels: \{(.*)\}\}$`)

// The page of metrics has every metric, with a meaning.
func TestManualMetrics(t *testing.T) {
	table := manual.Table{Columns: []string{"metric", "type", "labels"}, Prose: []string{"meaning"}}
	table.Rows = append(table.Rows, metricRows(t, deviceMetrics)...)
	table.Rows = append(table.Rows, metricRows(t, lineMetrics)...)
	table.Rows = append(table.Rows, metricRows(t, sinkMetrics)...)
	table.Rows = append(table.Rows, metricRows(t, alarmMetrics)...)
	table.Rows = append(table.Rows, metricRows(t, reckonedMetrics)...)
	table.Rows = append(table.Rows, metricRows(t, reckonerMetrics)...)
	table.Rows = append(table.Rows, metricRows(t, bridgeMetrics)...)
	table.Rows = append(table.Rows, metricRows(t, clusterMetrics)...)
	table.Rows = append(table.Rows, metricRows(t, copyMetrics)...)
	if names := metricNames(); len(table.Rows) < 15 || !names["tagbridge_build_info"] {
		t.Fatalf("only %d metrics were found", len(table.Rows))
	}
	manual.Hold(t, *update, "metrics", table)
}

func metricRows[T any](t *testing.T, list []metric[T]) (rows [][]string) {
	t.Helper()
	for _, m := range list {
		d := described.FindStringSubmatch(m.desc.String())
		if d == nil {
			t.Fatalf("the description has another form: %s", m.desc)
		}
		rows = append(rows, []string{manual.Code(d[1]), m.kind, strings.ReplaceAll(d[2], ",", ", ")})
	}
	return rows
}

// answers are what the API answers, by the headings of the page.
var answers = []struct {
	heading string
	of      any
}{
	{"/api/v1/status", statusJSON{}},
	{"parts, problems and notes of /api/v1/status", health.Remark{}},
	{"/api/v1/overview", overviewJSON{}},
	{"/api/v1/devices", deviceJSON{}},
	{"/api/v1/tags", tagJSON{}},
	{"/api/v1/changes", changesJSON{}},
	{"tags of /api/v1/changes", rowJSON{}},
	{"/api/v1/tag", detailJSON{}},
	{"enum of /api/v1/tag", enumJSON{}},
	{"reckoned of /api/v1/tag", reckonedJSON{}},
	{"/api/v1/decode", decodingJSON{}},
	{"/api/v1/events", events.Event{}},
	{"/api/v1/alarms", alarmJSON{}},
	{"/api/v1/cluster", clusterJSON{}},
	{"servers of /api/v1/cluster", natsServerJSON{}},
	{"members of /api/v1/cluster", memberJSON{}},
	{"endpoints of /api/v1/cluster", memberPlaceJSON{}},
	{"copy of /api/v1/cluster", copyJSON{}},
	{"inherited of /api/v1/cluster", restJSON{}},
	{"revision of /api/v1/cluster", revisionJSON{}},
	{"/api/v1/gaps", gaps.Report{}},
	{"reading of /api/v1/gaps", gaps.Reading{}},
	{"sinks of /api/v1/gaps", gaps.Sink{}},
	{"missing of a sink of /api/v1/gaps", gaps.Delivery{}},
	{"/api/v1/sinks", sinkJSON{}},
	{"/api/v1/lines", lineJSON{}},
	{"slow_down of /api/v1/lines", loadJSON{}},
	{"/api/v1/configuration", configurationJSON{}},
	{"/readyz", readyJSON{}},
	{"/api/v1/maps", edit.Map{}},
	{"/api/v1/session", sessionJSON{}},
	{"/api/v1/problems", edit.OnDisk{}},
	{"what /api/v1/draft takes", draftJSON{}},
	{"/api/v1/draft", edit.Finding{}},
	{"problems of /api/v1/draft", edit.Problem{}},
	{"devices of /api/v1/draft", edit.Device{}},
	{"plan of /api/v1/draft", plan.Change{}},
	{"what /api/v1/read takes", readJSON{}},
	{"/api/v1/read", readNowJSON{}},
	{"what /api/v1/browse takes", browseJSON{}},
	{"/api/v1/browse", browsedJSON{}},
	{"nodes of /api/v1/browse", browsedNodeJSON{}},
	{"rows of a node of /api/v1/browse", bridge.TagRow{}},
	{"what /api/v1/resend takes", resendJSON{}},
	{"/api/v1/resend", resentJSON{}},
	{"what /api/v1/probe takes", probeJSON{}},
	{"readings of what /api/v1/probe takes", probeReadingJSON{}},
	{"/api/v1/probe", probedJSON{}},
	{"refused of /api/v1/probe", probeRefusedJSON{}},
	{"candidates of /api/v1/probe", probeCandidateJSON{}},
	{"looks of /api/v1/probe", probeLookJSON{}},
	{"what /api/v1/convert takes", uploadJSON{}},
	{"/api/v1/convert", edit.Converted{}},
	{"what /api/v1/workbook takes", bookJSON{}},
	{"what /api/v1/apply takes", edit.Change{}},
	{"/api/v1/apply and /api/v1/rollback", edit.Applied{}},
	{"an apply or rollback that is refused", refusedJSON{}},
	{"/api/v1/applied", edit.Kept{}},
	{"files of /api/v1/applied", edit.KeptFile{}},
	{"what /api/v1/rollback takes", edit.Back{}},
	{"/api/v1/plan, and before and after of a plan", plan.Connection{}},
	{"/api/v1/manual", chapterJSON{}},
	{"/api/v1/manual/CHAPTER", chapter.Chapter{}},
	{"blocks of /api/v1/manual/CHAPTER", chapter.Block{}},
	{"spans of /api/v1/manual/CHAPTER", chapter.Span{}},
	{"/api/v1/columns", chapter.Column{}},
	{"requests of a plan", plan.Request{}},
	{"nodes of a plan", plan.Nodes{}},
	{"computed of a plan", plan.Computed{}},
	{"/api/v1/rejected", sinks.RejectedSample{}},
}

// The page of the API has every field of every answer.
func TestManualAPI(t *testing.T) {
	var tables []manual.Table
	for _, a := range answers {
		table := manual.Table{Heading: a.heading, Columns: []string{"field", "type"}, Prose: []string{"meaning"}}
		for _, f := range reflect.VisibleFields(reflect.TypeOf(a.of)) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
				table.Rows = append(table.Rows, []string{manual.Code(name), jsonType(f.Type)})
			}
		}
		tables = append(tables, table)
	}
	manual.Hold(t, *update, "api", tables...)
}

// jsonType is what values of t are in JSON.
func jsonType(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return "any"
	case reflect.TypeFor[time.Time]():
		return "text"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return jsonType(t.Elem()) + " or null"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		switch t.Elem().Kind() {
		case reflect.Uint8:
			return "text"
		case reflect.Slice:
			return "list of lists"
		case reflect.Map:
			return "list of objects of " + jsonType(t.Elem().Elem()) + "s"
		}
		return "list of " + jsonType(t.Elem()) + "s"
	case reflect.Map:
		if t.Elem().Kind() == reflect.Interface {
			return "object"
		}
		return "object of " + jsonType(t.Elem()) + "s"
	case reflect.Struct:
		return "object"
	}
	return "number"
}

// Every address that is served is in the page, and every one of the page is served.
func TestManualAddresses(t *testing.T) {
	page := manual.Page(t, "api")
	begin := strings.Index(page, "## Addresses")
	section := page[begin:]
	section = section[:strings.Index(section[1:], "\n## ")+1]
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(/[^`]*)`").FindAllStringSubmatch(section, -1) {
		documented[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^(/\S+)`).FindAllStringSubmatch(addresses(), -1) {
		if !documented[m[1]] {
			t.Errorf("%s is served and not in reference/api.md", m[1])
		}
		delete(documented, m[1])
	}
	for address := range documented {
		if address != "/" && address != "/healthz" {
			t.Errorf("%s is in reference/api.md, and not among the addresses that a browser is shown", address)
		}
	}
}
