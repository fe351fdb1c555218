package plc

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestControl(t *testing.T) {
	a, b := specUnit(t), specUnit(t)
	h := Control(map[string]*Unit{"a": a, "b": b})
	do := func(method, target, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
		return w
	}
	fails := func(u *Unit) bool { return string(ask(u, unhex(t, "0400080001"))) != "\x04\x02\x00\x0a" }
	if w := do("POST", "/faults?device=a", `{"kind":"exception","code":6,"first":8,"count":1,"for":"1h"}`); w.Code != http.StatusNoContent {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if !fails(a) || fails(b) {
		t.Error("the fault is not that of a alone")
	}
	if w := do("POST", "/faults", `{"kind":"delay","delay":"1ms","jitter":"1ms"}`); w.Code != http.StatusNoContent || len(b.faults) != 1 {
		t.Errorf("fault of all: %d %s", w.Code, w.Body)
	}
	if do("DELETE", "/faults", ""); fails(a) || len(b.faults) != 0 {
		t.Error("faults were not cleared")
	}
	if do("POST", "/freeze?device=b", ""); !b.frozen || a.frozen {
		t.Error("b alone should hold still")
	}
	if do("POST", "/thaw", ""); b.frozen {
		t.Error("b should move again")
	}
	if w := do("GET", "/requests?device=a", ""); !strings.Contains(w.Body.String(), `"function":4,"first":8,"count":1`) {
		t.Errorf("requests: %s", w.Body)
	}
	for _, body := range []string{``, `{}`, `{"kind":"fire"}`, `{"kind":"silence","fro":1}`, `{"kind":"silence","for":"1"}`} {
		if w := do("POST", "/faults?device=a", body); w.Code != http.StatusBadRequest {
			t.Errorf("%q answered %d", body, w.Code)
		}
	}
	for _, target := range []string{"/faults?device=c", "/freeze?device=c"} {
		if w := do("POST", target, `{"kind":"silence"}`); w.Code != http.StatusNotFound {
			t.Errorf("%s answered %d", target, w.Code)
		}
	}
}
