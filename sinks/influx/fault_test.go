package influx

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tagbridge/sinks"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/port"
)

// faultOf is the fault that err is.
func faultOf(t *testing.T, err error) *sinks.Fault {
	t.Helper()
	var fault *sinks.Fault
	if !errors.As(err, &fault) {
		t.Fatalf("the error is no fault: %v", err)
	}
	return fault
}

func TestStatuses(t *testing.T) {
	want := map[int]sinks.Action{
		301: sinks.Hold, 302: sinks.Hold, 307: sinks.Hold, 308: sinks.Hold,
		400: sinks.Hold, 401: sinks.Hold, 402: sinks.Hold, 403: sinks.Hold, 404: sinks.Hold, 405: sinks.Hold, 407: sinks.Hold,
		408: sinks.Retry, 411: sinks.Hold, 413: sinks.Shrink, 415: sinks.Hold, 421: sinks.Hold, 422: sinks.Hold, 425: sinks.Retry,
		429: sinks.Retry, 431: sinks.Hold, 500: sinks.Retry, 501: sinks.Retry, 502: sinks.Retry, 503: sinks.Retry, 504: sinks.Retry, 507: sinks.Retry,
	}
	db, url := server(t, influxd.Options{})
	s := open(t, Options{URL: url})
	for status, action := range want {
		db.Script(influxd.Step{Status: status, Message: "because of the " + fmt.Sprint(status)})
		fault := faultOf(t, send(s))
		if fault.Action != action || fault.After != 0 {
			t.Errorf("status %d: action %d after %v, want %d", status, fault.Action, fault.After, action)
		}
		if timed := status == 408 || status == 504; (fault.Suspect == 1) != timed {
			t.Errorf("status %d: %d samples are suspected", status, fault.Suspect)
		}
		if text := fault.Error(); !strings.Contains(text, fmt.Sprintf("status %d: because of the %d", status, status)) {
			t.Errorf("status %d: error %q", status, text)
		}
	}
	for _, status := range []int{200, 204} {
		db.Script(influxd.Step{Status: status})
		if err := send(s); err != nil {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

// TestHints has the server refuse for the mistakes that a configuration can hold: the error says what to look at.
func TestHints(t *testing.T) {
	db, url := server(t, influxd.Options{})
	s := open(t, Options{URL: url})
	for _, c := range []struct {
		status        int
		message, want string
	}{
		{401, "unauthorized", "check token, or username and password"},
		{403, "forbidden", "check token"},
		{404, `bucket "proces" not found`, "check bucket and org"},
		{404, "404 page not found", "no InfluxDB is at this address: check url"},
		{500, "retention policy not found: none", "DATABASE/autogen"},
	} {
		db.Script(influxd.Step{Status: c.status, Message: c.message})
		if text := send(s).Error(); !strings.Contains(text, c.message) || !strings.Contains(text, c.want) {
			t.Errorf("status %d, %s: error %q, want %q", c.status, c.message, text, c.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                                0,
		"120":                             2 * time.Minute,
		" 7 ":                             7 * time.Second,
		"0":                               0,
		"-5":                              0,
		"1.5":                             0,
		"99999999999999999999":            0,
		"soon":                            0,
		"Fri, 02 Jan 2026 03:05:05 GMT":   time.Minute,
		"Friday, 02-Jan-26 03:05:05 GMT":  time.Minute,
		"Fri Jan  2 03:05:05 2026":        time.Minute,
		"Fri, 02 Jan 2026 03:00:00 GMT":   0,
		"Fri, 02 Jan 2026 03:05:05 +0200": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("Retry-After %q is %v, want %v", text, got, want)
		}
	}
}

func TestRetryAfterIsPassedOn(t *testing.T) {
	db, url := server(t, influxd.Options{})
	s := open(t, Options{URL: url})
	date := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for _, status := range []int{429, 503, 404} {
		for text, want := range map[string]time.Duration{"90": 90 * time.Second, date: time.Hour} {
			db.Script(influxd.Step{Status: status, RetryAfter: text})
			if after := faultOf(t, send(s)).After; after > want || after < want-time.Minute {
				t.Errorf("status %d, Retry-After %q: %v, want about %v", status, text, after, want)
			}
		}
	}
}

func TestErrorsHoldNoSecretAndAreBounded(t *testing.T) {
	const secret, password = "s3cr3t-token", "p4ssw0rd"
	for name, reply := range map[string]http.HandlerFunc{
		"text": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "token "+r.Header.Get("Authorization")+" is wrong\n\nreally "+strings.Repeat("ä", 5000), http.StatusUnauthorized)
		},
		"json": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(403)
			fmt.Fprintf(w, `{"code":"forbidden","message":"%s may not\u0000 write %s"}`, r.Header.Get("Authorization"), strings.Repeat("x", 5000))
		},
		"password alone": func(w http.ResponseWriter, r *http.Request) {
			_, login, _ := strings.Cut(r.Header.Get("Authorization"), ":")
			http.Error(w, "not your password: "+login, http.StatusUnauthorized)
		},
		"json that is none": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(500)
			fmt.Fprint(w, `{"code":`, r.Header.Get("Authorization"))
		},
		"endless": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(503)
			for range 1000 {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
			t.Error("a reply of 64 MB was read to its end")
		},
		"cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			h := httptest.NewServer(reply)
			defer h.Close()
			for _, o := range []Options{
				{URL: h.URL, Token: secret},
				{URL: h.URL, Username: "writer", Password: password},
				{URL: h.URL, Username: "a writer", Password: password}, // by HTTP's basic scheme
				{URL: strings.Replace(h.URL, "http://", "http://writer:"+password+"@", 1)},
			} {
				text := faultOf(t, send(open(t, o))).Error()
				coded := base64.StdEncoding.EncodeToString([]byte("a writer:" + password))
				if strings.Contains(text, coded) || strings.Contains(text, secret) || strings.Contains(text, password) || len(text) > 2*maxReason || strings.Contains(text, "\n") {
					t.Errorf("error of %d bytes: %.600q", len(text), text)
				}
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	fault := faultOf(t, send(open(t, Options{URL: "http://writer:p4ss@" + port.Free(t)})))
	if fault.Action != sinks.Retry || !strings.Contains(fault.Error(), "connection refused, nothing listens there") ||
		strings.Contains(fault.Error(), "dial tcp") || strings.Contains(fault.Error(), "p4ss") {
		t.Errorf("fault %+v", fault)
	}
}

func TestConnectionCut(t *testing.T) {
	db, url := server(t, influxd.Options{})
	s := open(t, Options{URL: url})
	db.Script(influxd.Step{Cut: true, Store: true}, influxd.Step{Cut: true})
	for range 2 {
		if fault := faultOf(t, send(s)); fault.Action != sinks.Retry {
			t.Errorf("fault %+v", fault)
		}
	}
	if err := send(s); err != nil {
		t.Errorf("the next write: %v", err)
	}
}

func TestSlowServer(t *testing.T) {
	db, url := server(t, influxd.Options{})
	db.Freeze()
	defer db.Thaw()
	s := open(t, Options{URL: url, Timeout: 50 * time.Millisecond})
	fault := faultOf(t, send(s))
	if fault.Action != sinks.Retry || fault.Suspect != 1 || !errors.Is(fault, errSilent) || !strings.Contains(fault.Error(), "before an answer") ||
		strings.Contains(fault.Error(), "firewall") {
		t.Errorf("fault %+v", fault)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Send(ctx, view(batch(group(1), 1, 1))); !errors.Is(err, context.Canceled) {
		t.Errorf("Send after its context ended: %v", err)
	}
}

func TestRedirectionIsNotFollowed(t *testing.T) {
	login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s of the page a proxy redirects to", r.Method)
	}))
	defer login.Close()
	h := httptest.NewServer(http.RedirectHandler(login.URL, http.StatusFound))
	defer h.Close()
	if fault := faultOf(t, send(open(t, Options{URL: h.URL}))); fault.Action != sinks.Hold {
		t.Errorf("fault %+v", fault)
	}
}
