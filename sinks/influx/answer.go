package influx

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"tagbridge/sinks"
)

// answer is what came for a write.
type answer struct {
	status int
	header http.Header
	body   []byte // no more than maxReply
	cut    error  // why the body was not read to its end
}

// maxReply is how much of an answer is read: an error message fits, and no server can fill our memory.
const maxReply = 64 << 10

// readAnswer reads r, so that its connection can be used again when it is short.
func readAnswer(r *http.Response) *answer {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxReply))
	r.Body.Close()
	return &answer{r.StatusCode, r.Header, body, err}
}

// taken reports that a is an acknowledgement. InfluxDB 1.8, 2 and 3, VictoriaMetrics, QuestDB and Telegraf's listeners
// answer a write with 204, CnosDB with 200 and nothing in it. What says more is somebody else's, or no success.
func (a *answer) taken() bool {
	return a.status == http.StatusNoContent ||
		a.status == http.StatusOK && len(a.body) == 0 && a.cut == nil && !a.page()
}

// page reports that a is a web page: a proxy's, or of another server at the address.
func (a *answer) page() bool {
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	start := strings.ToLower(string(a.body[:min(len(a.body), 100)]))
	return strings.Contains(kind, "html") || strings.Contains(start, "<html") || strings.Contains(start, "<!doctype html")
}

// words is what a says, and whether it is the database that says it: it answers with JSON that has code and message
// (InfluxDB 2), error (1.8), or error and data (3), or with headers of its own.
func (a *answer) words() (text string, own bool) {
	h := a.header
	own = h.Get("X-Influxdb-Version") != "" || h.Get("X-Influxdb-Build") != "" || h.Get("X-Influxdb-Error") != ""
	var reply map[string]json.RawMessage
	if json.Unmarshal(a.body, &reply) == nil {
		code, message, failure := text1(reply["code"]), text1(reply["message"]), text1(reply["error"])
		own = own || code != "" && message != "" || failure != ""
		for _, text := range []string{ofData(failure, reply["data"]), message, failure, h.Get("X-Influxdb-Error"), code} {
			if text != "" {
				return text, own
			}
		}
	}
	if text = h.Get("X-Influxdb-Error"); text != "" || a.page() {
		return text, own && !a.page()
	}
	return string(a.body), own
}

// text1 is a JSON string; "" for anything else.
func text1(raw json.RawMessage) string {
	var text string
	_ = json.Unmarshal(raw, &text) // nothing, or no string, is ""
	return text
}

// ofData is what InfluxDB 3 says of the lines that it refused, the first of them: its message beside them says only that
// there are some.
func ofData(failure string, raw json.RawMessage) string {
	type line struct {
		Message string `json:"error_message"`
	}
	var all []line
	var one line
	if json.Unmarshal(raw, &all) != nil {
		if json.Unmarshal(raw, &one) != nil {
			return ""
		}
		all = append(all, one)
	}
	for _, l := range all {
		if l.Message != "" {
			return failure + ": " + l.Message
		}
	}
	return ""
}

// aboutPoints are words of which a refusal that is about what was written has at least one.
var aboutPoints = []string{
	"partial write", "unable to parse", "failed to parse line", "could not parse", "cannot parse", "parsing failed", "line protocol",
	"type conflict", "column type", "schema conflict", "retention policy of", "beyond retention", "outside retention",
	"outside of retention", "outside the retention", "max key length", "limit exceeded", "time outside range", "bad timestamp",
	"invalid timestamp", "invalid number", "missing field", "missing tag", "invalid field", "invalid tag", "input field",
	"invalid measurement", "missing measurement",
}

// beyondDoubt are words with which the database names points that it has looked at.
var beyondDoubt = []string{"partial write", "type conflict", "invalid column type", "beyond retention", "outside retention"}

func hasAny(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// fault is what to do about a, which is no acknowledgement of n samples as the lines of text. What the database itself says
// of points is refused; what speaks of the server's state is tried again; everything else (access, address, a proxy) is
// for somebody to mend, and held: nothing is ever rejected for a reason that is not its own.
func (a *answer) fault(n int, text []byte, now time.Time) sinks.Fault {
	said, own := a.words()
	out := sinks.Fault{Action: sinks.Hold, After: retryAfter(a.header, now)}
	switch a.status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if own && hasAny(said, aboutPoints) {
			out.Action, out.Sure = sinks.Refuse, hasAny(said, beyondDoubt)
		}
	case http.StatusInternalServerError: // InfluxDB 2.0 has it for points beyond the retention period
		out.Action = sinks.Retry
		if own && hasAny(said, []string{"partial write"}) {
			out.Action, out.Sure = sinks.Refuse, true
		}
	case http.StatusRequestEntityTooLarge:
		out.Action = sinks.Shrink
	case http.StatusRequestTimeout, http.StatusGatewayTimeout, statusTimeout:
		out.Action, out.Suspect = sinks.Retry, n
	case http.StatusTooEarly, http.StatusTooManyRequests:
		out.Action = sinks.Retry
	default:
		if a.status > 500 || a.status == http.StatusOK && a.cut != nil {
			out.Action = sinks.Retry
		}
	}
	if out.Action == sinks.Refuse && allTooOld(said, text) {
		out.Refused = n
	}
	return out
}

// statusTimeout is a proxy's for a server that took too long (Cloudflare).
const statusTimeout = 524

// hint is what to look at.
func (a *answer) hint() string {
	said, own := a.words()
	low := strings.ToLower(said)
	switch {
	case strings.Contains(low, "https") || strings.Contains(strings.ToLower(string(a.body)), "request was sent to https port"):
		return "; the port speaks TLS: write https:// in url"
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		return "; check token, or username and password (InfluxDB 1.8), and what they may write"
	case strings.Contains(low, "retention policy not found"):
		return "; check bucket, which is DATABASE/POLICY: for InfluxDB 1.8 mostly DATABASE/autogen"
	case a.status == http.StatusNotFound && (strings.Contains(low, "page not found") || !own):
		return "; no InfluxDB is at this address: check url, its port and path"
	case a.status == http.StatusNotFound:
		return "; check bucket and org: they must exist in InfluxDB"
	case a.status < 400:
		return "; InfluxDB answers a write with 204 and nothing else: check url, and what is on the way there; the samples are kept"
	case a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity || own && hasAny(said, aboutPoints):
		return ""
	case a.page() || !own:
		return "; that is not InfluxDB's answer: check url, and what is on the way there; the samples are kept"
	case strings.Contains(low, "org"):
		return "; check org, which InfluxDB 2 wants"
	case strings.Contains(low, "bucket"), strings.Contains(low, "database"), strings.Contains(low, "db"):
		return "; check bucket"
	case strings.Contains(low, "gzip"):
		return "; it does not take what is packed: set gzip: false, or look at the proxy on the way"
	}
	return "; it does not say which samples are wrong: they are kept until that is mended"
}
