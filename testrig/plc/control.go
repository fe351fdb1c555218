package plc

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// wireFault is a Fault in JSON: durations have units, as in a configuration.
type wireFault struct {
	Kind     FaultKind `json:"kind"`
	Function byte      `json:"function"`
	First    int       `json:"first"`
	Count    int       `json:"count"`
	Delay    duration  `json:"delay"`
	Jitter   duration  `json:"jitter"`
	Code     byte      `json:"code"`
	Bytes    int       `json:"bytes"`
	OneIn    int       `json:"one_in"`
	Times    int       `json:"times"`
	For      duration  `json:"for"`
}

// duration is a duration written with its unit.
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = duration(v)
	return err
}

func (w wireFault) fault() (Fault, error) {
	f := Fault{
		Kind: w.Kind, Function: w.Function, First: w.First, Count: w.Count, Code: w.Code, Bytes: w.Bytes, OneIn: w.OneIn,
		Times: w.Times, Delay: time.Duration(w.Delay), Jitter: time.Duration(w.Jitter), For: time.Duration(w.For),
	}
	return f, f.Validate()
}

// Control serves faults on command for units by the names of their devices:
//
//	POST   /faults?device=NAME   {"kind": "exception", "code": 6, "first": 100, "count": 4, "for": "10s"}
//	DELETE /faults?device=NAME   ends its faults
//	GET    /requests?device=NAME the last requests
//	GET    /                     all of this, with the kinds of faults and the devices
//	POST   /freeze?device=NAME   values hold still; /thaw: they move
//
// Without a device, POST and DELETE are about all of them. The fields of a fault are those of Fault, by their names in
// small letters and underscores.
func Control(units map[string]*Unit) http.Handler {
	c := control(units)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /faults", c.each(func(u *Unit, f Fault) { u.Inject(f) }, true))
	mux.HandleFunc("DELETE /faults", c.each(func(u *Unit, _ Fault) { u.ClearFaults() }, false))
	mux.HandleFunc("POST /freeze", c.each(func(u *Unit, _ Fault) { u.Freeze() }, false))
	mux.HandleFunc("POST /thaw", c.each(func(u *Unit, _ Fault) { u.Thaw() }, false))
	mux.HandleFunc("GET /requests", c.requests)
	mux.HandleFunc("GET /{$}", c.help)
	return mux
}

type control map[string]*Unit

// each answers a request by doing something with the units it is about.
func (c control) each(do func(*Unit, Fault), withFault bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		chosen, err := c.choose(r.URL.Query().Get("device"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		var f Fault
		if withFault {
			if f, err = readFault(w, r); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		for _, u := range chosen {
			do(u, f)
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func readFault(w http.ResponseWriter, r *http.Request) (Fault, error) {
	var wire wireFault
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	d.DisallowUnknownFields()
	if err := d.Decode(&wire); err != nil {
		return Fault{}, fmt.Errorf("read fault: %w", err)
	}
	return wire.fault()
}

func (c control) choose(device string) ([]*Unit, error) {
	if device == "" {
		var all []*Unit
		for _, u := range c {
			all = append(all, u)
		}
		return all, nil
	}
	u := c[device]
	if u == nil {
		return nil, fmt.Errorf("no device %q", device)
	}
	return []*Unit{u}, nil
}

// requests lists what one device was asked.
func (c control) requests(w http.ResponseWriter, r *http.Request) {
	u := c[r.URL.Query().Get("device")]
	if u == nil {
		http.Error(w, "no such device", http.StatusNotFound)
		return
	}
	type line struct {
		Time     time.Time `json:"time"`
		Unit     byte      `json:"unit"`
		Function byte      `json:"function"`
		First    uint16    `json:"first"`
		Count    uint16    `json:"count"`
	}
	out := []line{}
	for _, q := range u.Requests() {
		out = append(out, line(q))
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(out)
}

// help says what there is to say to c.
func (c control) help(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, `POST   /faults?device=NAME    {"kind": "exception", "code": 6, "first": 100, "count": 4, "for": "10s"}
DELETE /faults?device=NAME    ends its faults
GET    /requests?device=NAME  the last requests
POST   /freeze?device=NAME    values hold still; /thaw: they move

Without a device, it is about all of them. Beside kind, a fault takes function, first, count, code, delay, jitter, bytes,
one_in, times and for.`)
	fmt.Fprint(w, "\nkinds:")
	for _, k := range append(slices.Clone(FaultKinds), LineFaultKinds...) {
		fmt.Fprintf(w, " %s", k)
	}
	fmt.Fprint(w, "\ndevices:")
	for _, name := range slices.Sorted(maps.Keys(c)) {
		fmt.Fprintf(w, " %s", name)
	}
	fmt.Fprintln(w)
}
