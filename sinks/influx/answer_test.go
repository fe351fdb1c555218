package influx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tagbridge/sinks"
)

// reply is what a server says to a write.
type reply struct {
	status  int
	headers string // Name: value, by line
	body    string
}

func (r reply) header() http.Header {
	h := make(http.Header)
	for l := range strings.Lines(r.headers) {
		if name, value, ok := strings.Cut(strings.TrimSpace(l), ": "); ok {
			h.Set(name, value)
		}
	}
	return h
}

// answers has a server that answers everything so, and returns what the sink makes of it.
func (r reply) ask(t *testing.T) error {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		io.Copy(io.Discard, q.Body)
		for name, values := range r.header() {
			w.Header()[name] = values
		}
		if w.Header().Get("Content-Type") == "" {
			w.Header()["Content-Type"] = nil // as it is, not as Go finds it to be
		}
		w.WriteHeader(r.status)
		io.WriteString(w, r.body)
	}))
	defer h.Close()
	return send(open(t, Options{URL: h.URL}))
}

const (
	isJSON = "Content-Type: application/json"
	is18   = "X-Influxdb-Version: 1.8.10\nContent-Type: application/json"
)

// TestOnlyWhatTheProtocolNamesIsAnAcknowledgement has servers at the address that are no InfluxDB, or no happy one.
func TestOnlyWhatTheProtocolNamesIsAnAcknowledgement(t *testing.T) {
	for _, ok := range []reply{{204, "", ""}, {204, is18, ""}, {200, "", ""}, {200, "Content-Length: 0", ""}} {
		if err := ok.ask(t); err != nil {
			t.Errorf("%+v: %v", ok, err)
		}
	}
	for _, r := range []reply{
		{200, "Content-Type: text/html", "<!DOCTYPE html><html>Please log in</html>"},
		{200, "", "<html>Please log in</html>"},
		{200, "Content-Type: Text/HTML; charset=utf-8", ""},
		{200, "Content-Type: application/xhtml+xml", "<html/>"},
		{200, isJSON, `{"code":"unauthorized","message":"unauthorized access"}`},
		{200, is18, `{"results":[{"statement_id":0}]}`},
		{200, "Content-Type: text/plain", "It works!"},
		{200, "", "\n"},
		{201, "", ""}, {202, "", ""}, {203, "", "ok"}, {206, "", "part"}, {226, "", ""},
		{202, isJSON, `{"status":"queued"}`},
	} {
		fault := faultOf(t, r.ask(t))
		if fault.Action != sinks.Hold || !strings.Contains(fault.Error(), "204") || !strings.Contains(fault.Error(), "check url") {
			t.Errorf("%+v: action %d, %v", r, fault.Action, fault)
		}
	}
}

// TestAnswersThatRefuse has what databases say about a write they do not take, and what others say at their address:
// samples are refused for what the database says about them, and for nothing else.
func TestAnswersThatRefuse(t *testing.T) {
	for _, c := range []struct {
		reply
		action sinks.Action
		sure   bool
		want   string
	}{
		// InfluxDB 1.8
		{reply{400, is18, `{"error":"partial write: field type conflict: input field \"f0\" on measurement \"m\" is type integer, already exists as type float dropped=1"}`}, sinks.Refuse, true, "field type conflict"},
		{reply{400, is18, `{"error":"unable to parse 'm,a=b f0=1x 1': invalid number"}`}, sinks.Refuse, false, "unable to parse"},
		{reply{400, is18, `{"error":"partial write: points beyond retention policy dropped=1"}`}, sinks.Refuse, true, "beyond retention"},
		{reply{400, is18, `{"error":"gzip: invalid header"}`}, sinks.Hold, false, "gzip: false"},
		{reply{400, is18, `{"error":"precision: unknown unit"}`}, sinks.Hold, false, "does not say which samples"},
		{reply{400, "X-Influxdb-Error: partial write: max-values-per-tag limit exceeded dropped=1", ""}, sinks.Refuse, true, "max-values-per-tag"},
		// InfluxDB 2
		{reply{422, isJSON, `{"code":"unprocessable entity","message":"failure writing points to database: partial write: dropped 1 points outside retention policy of duration 1h0m0s"}`}, sinks.Refuse, true, "outside retention policy"},
		{reply{500, isJSON, `{"code":"internal error","message":"unexpected error writing points to database: partial write: points beyond retention policy dropped=1"}`}, sinks.Refuse, true, "beyond retention"},
		{reply{500, isJSON, `{"code":"internal error","message":"unexpected error writing points to database: timeout"}`}, sinks.Retry, false, "timeout"},
		{reply{400, isJSON, `{"code":"invalid","message":"Please provide either orgID or org"}`}, sinks.Hold, false, "check org"},
		{reply{400, isJSON, `{"code":"invalid","message":"failed to decode request body: bucket name is empty"}`}, sinks.Hold, false, "check bucket"},
		{reply{400, isJSON, `{"code":"invalid","message":"unable to parse 'm f0=': missing field value"}`}, sinks.Refuse, false, "missing field value"},
		// InfluxDB 3
		{reply{400, isJSON, `{"error":"partial write of line protocol occurred","data":[{"original_line":"m f0=1i 10","line_number":1,"error_message":"invalid column type for column 'f0', expected iox::column_type::field::float, got iox::column_type::field::integer"}]}`}, sinks.Refuse, true, "invalid column type for column 'f0'"},
		{reply{400, isJSON, `{"error":"parsing failed for write_lp endpoint","data":{"original_line":"m f0=","line_number":1,"error_message":"no fields were provided"}}`}, sinks.Refuse, false, "no fields were provided"},
		{reply{400, isJSON, `{"error":"db name did not start with a number or letter"}`}, sinks.Hold, false, "check bucket"},
		// QuestDB
		{reply{400, isJSON, `{"code":"invalid","message":"failed to parse line protocol:errors encountered on line(s):\nerror in line 1: table: m, column: f0; cast error","line":1,"errorId":"a-1"}`}, sinks.Refuse, false, "cast error"},
		// Others
		{reply{400, "", "Client sent an HTTP request to an HTTPS server.\n"}, sinks.Hold, false, "write https://"},
		{reply{400, "Content-Type: text/html\nServer: nginx", "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>"}, sinks.Hold, false, "write https://"},
		{reply{400, "Content-Type: text/html\nServer: nginx", "<html><head><title>400 Bad Request</title></head></html>"}, sinks.Hold, false, "not InfluxDB's answer"},
		{reply{400, "Content-Type: text/plain", "partial write"}, sinks.Hold, false, "not InfluxDB's answer"},
		{reply{422, isJSON, `{"detail":"unable to parse"}`}, sinks.Hold, false, "not InfluxDB's answer"},
		{reply{400, isJSON, `{"message":"unable to parse"}`}, sinks.Hold, false, "not InfluxDB's answer"},
		{reply{400, isJSON, `[{"code":"x","message":"partial write"}]`}, sinks.Hold, false, "not InfluxDB's answer"},
		{reply{400, "", ""}, sinks.Hold, false, "not InfluxDB's answer"},
		{reply{500, "", "partial write: points beyond retention policy dropped=1"}, sinks.Retry, false, "status 500"},
		{reply{524, "Content-Type: text/html", "<html>A timeout occurred</html>"}, sinks.Retry, false, "a web page"},
	} {
		fault := faultOf(t, c.ask(t))
		if fault.Action != c.action || fault.Sure != c.sure || !strings.Contains(fault.Error(), c.want) {
			t.Errorf("%+v:\naction %d, sure %v, want %d, %v: %v", c.reply, fault.Action, fault.Sure, c.action, c.sure, fault)
		}
	}
}

// TestEverythingRefusedByATLSPortIsKept has a database that speaks TLS now on the same port, for a sink that does not know.
func TestEverythingRefusedByATLSPortIsKept(t *testing.T) {
	h := httptest.NewUnstartedServer(http.NotFoundHandler())
	h.Config.ErrorLog = discardLog
	h.StartTLS()
	defer h.Close()
	fault := faultOf(t, send(open(t, Options{URL: strings.Replace(h.URL, "https://", "http://", 1)})))
	if fault.Action != sinks.Hold || !strings.Contains(fault.Error(), "write https:// in url") {
		t.Errorf("action %d: %v", fault.Action, fault)
	}
}

func TestSecretsAreBlanked(t *testing.T) {
	for _, c := range []struct{ text, secret, want string }{
		{"writing of t", "t", "writing of ***"},
		{"t:t tt 't'", "t", "***:*** tt '***'"},
		{"abcdefg", "cdef", "ab***g"},
		{"nothing", "", "nothing"},
		{"äat a", "a", "äat ***"},
	} {
		if got := blank(c.text, c.secret); got != c.want {
			t.Errorf("%q without %q is %q, want %q", c.text, c.secret, got, c.want)
		}
	}
}

// FuzzAnswer gives whatever can be said to a write. It counts as delivered only when it is 204, or 200 with nothing in it;
// samples are refused only by the database's own words; and the reason is of one bounded line without the token.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "Content-Type: text/plain", "It works!")
	f.Add(204, "", "")
	f.Add(400, isJSON, `{"code":"invalid","message":"partial write: points beyond retention policy dropped=2"}`)
	f.Add(400, is18, `{"error":"unable to parse 's3cr3t-token'"}`)
	f.Add(400, isJSON, `{"error":"e","data":[{"error_message":"m"},{"error_message":7}]}`)
	f.Add(422, isJSON, `{"error":"e","data":{"error_message":"m"}}`)
	f.Add(429, "Retry-After: Fri, 02 Jan 2026 03:05:05 GMT", "s3cr3t-token")
	f.Add(500, isJSON, `{"code":"internal error","message":"partial write"}`)
	f.Add(503, "Retry-After: -1", "\xff\n\x00")
	faults := faults{host: "h", secrets: []string{"s3cr3t-token"}}
	f.Fuzz(func(t *testing.T, status int, headers, body string) {
		a := &answer{status: status, header: reply{headers: headers}.header(), body: []byte(body)}
		if a.taken() {
			if status != 204 && (status != 200 || body != "") {
				t.Errorf("%d %q counts as delivered", status, body)
			}
			return
		}
		fault := faults.of(a, 3, []byte("m f=1 1\nm f=1 2\n"), time.Now())
		if fault.Action == sinks.Refuse {
			var object map[string]any
			ours := json.Unmarshal(a.body, &object) == nil && (object["error"] != nil || object["code"] != nil && object["message"] != nil)
			for name := range a.header {
				ours = ours || strings.HasPrefix(name, "X-Influxdb-")
			}
			if status != 400 && status != 422 && status != 500 || !ours {
				t.Errorf("%d %q %q refuses samples", status, headers, body)
			}
		} else if fault.Refused != 0 || fault.Sure {
			t.Errorf("%+v names refused samples", fault)
		}
		if fault.After < 0 || fault.Suspect > 3 || fault.Refused > 3 {
			t.Errorf("fault %+v", fault)
		}
		if text := fault.Error(); len(text) > maxReason+300 || strings.Contains(text, "s3cr3t-token") || strings.Contains(text, "\n") || !utf8.ValidString(text) {
			t.Errorf("error %q", text)
		}
	})
}

// TestAnswerThatIsCut has an answer that ends before it is whole: it says nothing.
func TestAnswerThatIsCut(t *testing.T) {
	a := &answer{status: 200, header: http.Header{}, cut: errors.New("unexpected EOF")}
	if a.taken() || a.fault(1, nil, time.Now()).Action != sinks.Retry {
		t.Errorf("an answer that was cut counts: %+v", fmt.Sprint(a))
	}
}
