package influx

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/testrig/influxd"
)

func TestWrite(t *testing.T) {
	for _, gzip := range []bool{false, true} {
		for _, precision := range []mapping.Precision{mapping.Nanoseconds, mapping.Microseconds, mapping.Milliseconds, mapping.Seconds} {
			db, url := server(t, influxd.Options{Token: "secret", Bucket: "process"})
			s := open(t, Options{URL: url, Org: "plant", Bucket: "process", Token: "secret", Gzip: gzip, Precision: precision})
			n, err := s.Send(context.Background(), view(batch(group(2), 1e18, 5), batch(group(2), 2e18, 7)))
			if n != 4 || err != nil {
				t.Errorf("Send = %d, %v", n, err)
			}
			tags := []influxd.Tag{{Name: "bridge", Value: "b"}, {Name: "device", Value: "d"}}
			want := []influxd.Point{
				{Measurement: "m", Tags: tags, Time: 1e18, Fields: []influxd.Field{{Name: "f0", Value: int64(5)}, {Name: "f1", Value: int64(6)}}},
				{Measurement: "m", Tags: tags, Time: 2e18, Fields: []influxd.Field{{Name: "f0", Value: int64(7)}, {Name: "f1", Value: int64(8)}}},
			}
			if got := db.Points(); !reflect.DeepEqual(got, want) {
				t.Errorf("gzip %v, precision %s: stored %+v, want %+v", gzip, precision, got, want)
			}
		}
	}
}

// request is what a server sees of one write.
type request struct {
	path, query, auth, encoding, body, remote string
	length                                    int64
}

// recorder is a server that takes everything and remembers the requests.
func recorder(t *testing.T) (*[]request, string) {
	t.Helper()
	var list []request
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = z
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		list = append(list, request{r.URL.Path, r.URL.RawQuery, r.Header.Get("Authorization"),
			r.Header.Get("Content-Encoding"), string(text), r.RemoteAddr, r.ContentLength})
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(h.Close)
	return &list, h.URL
}

func TestRequest(t *testing.T) {
	const line = "m,bridge=b,device=d f0=1i 1\n"
	tests := []struct {
		name string
		o    Options
		want request
	}{
		{"v2", Options{Org: "my plant", Bucket: "process", Token: "abc", Precision: mapping.Nanoseconds},
			request{path: "/api/v2/write", query: "bucket=process&org=my+plant&precision=ns", auth: "Token abc", length: int64(len(line))}},
		{"1.8", Options{Bucket: "plant/autogen", Username: "writer", Password: "p:w"},
			request{path: "/api/v2/write", query: "bucket=plant%2Fautogen&precision=ns", auth: "Token writer:p:w", length: int64(len(line))}},
		{"1.8, with blanks", Options{Bucket: "plant", Username: "line 3", Password: "p w"},
			request{path: "/api/v2/write", query: "bucket=plant&precision=ns", auth: "Basic bGluZSAzOnAgdw==", length: int64(len(line))}},
		{"1.8 without a login", Options{Bucket: "plant"},
			request{path: "/api/v2/write", query: "bucket=plant&precision=ns", length: int64(len(line))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			list, url := recorder(t)
			test.o.URL = url
			if err := send(open(t, test.o)); err != nil {
				t.Fatal(err)
			}
			got := (*list)[0]
			got.remote = ""
			test.want.body = line
			if got != test.want {
				t.Errorf("the server saw %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestURLs(t *testing.T) {
	list, url := recorder(t)
	host := url[len("http://"):]
	for _, u := range []string{"http://" + host, "http://" + host + "/", "http://writer:pw@" + host, "http://" + host + "?x=1#y"} {
		if err := send(open(t, Options{URL: u, Bucket: "b"})); err != nil {
			t.Errorf("%s: %v", u, err)
		}
	}
	if err := send(open(t, Options{URL: url + "/behind/proxy", Bucket: "b"})); err != nil {
		t.Error(err)
	}
	got := (*list)
	if got[4].path != "/behind/proxy/api/v2/write" || got[2].auth != "Token writer:pw" || got[3].query != "bucket=b&precision=ns" {
		t.Errorf("the server saw %+v", got)
	}
	for _, u := range []string{"", "127.0.0.1:8086", "ftp://host", "http://", "http://user:pw@host:port:port"} {
		if _, err := Open(Options{URL: u}); err == nil {
			t.Errorf("the url %q was taken", u)
		}
	}
}

func TestOneConnectionIsKept(t *testing.T) {
	list, url := recorder(t)
	s := open(t, Options{URL: url, Gzip: true})
	for range 5 {
		if err := send(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range *list {
		if r.remote != (*list)[0].remote || r.encoding != "gzip" || r.body != "m,bridge=b,device=d f0=1i 1\n" {
			t.Errorf("request %+v is not as the first, %+v", r, (*list)[0])
		}
	}
}

func TestIntegersThatDoNotFit(t *testing.T) {
	db, url := server(t, influxd.Options{})
	poll := batch(group(5), 1, 1)
	poll.Samples[2].Bits = math.MaxUint64
	s := open(t, Options{URL: url, Bucket: "b"})
	n, err := s.Send(context.Background(), view(poll))
	var unfit *sinks.Unfit
	if n != 5 || !errors.As(err, &unfit) || !slices.Equal(unfit.Places, []int{2}) || unfit.Then != nil {
		t.Errorf("Send = %d, %v", n, err)
	}
	if c := db.Count(); c.Values != 4 || c.Writes != 1 || c.Points != 1 {
		t.Errorf("the server got %+v, want the other four values in one line", c)
	}
	_, url = server(t, influxd.Options{})
	if n, err := open(t, Options{URL: url, Unsigned: true}).Send(context.Background(), view(poll)); n != 5 || err != nil {
		t.Errorf("Send with unsigned = %d, %v", n, err)
	}
}

func TestMemoryIsLetGoOfAfterADrain(t *testing.T) {
	var b body
	s := open(t, Options{URL: "http://127.0.0.1:1"})
	big, small := view(), view(batch(group(1), 1, 1))
	for i := range 200 {
		big.Append(batch(group(500), int64(i), 1), nil)
	}
	b.encode(s.encoder, big, true)
	for range 70 {
		b.encode(s.encoder, small, true)
	}
	if size := cap(b.text) + b.packed.Cap(); size > 64<<10 {
		t.Errorf("%d bytes are held for requests of %d", size, b.size())
	}
}

func TestBodyIsNotReadAfterwards(t *testing.T) {
	b := body{sent: []byte("first")}
	r := b.reader()
	part := make([]byte, 2)
	if n, err := r.Read(part); n != 2 || err != nil {
		t.Fatalf("Read = %d, %v", n, err)
	}
	r.release()
	if n, err := r.Read(part); n != 0 || !errors.Is(err, errReleased) {
		t.Errorf("Read after release = %d, %v", n, err)
	}
	if got, err := io.ReadAll(b.reader()); !slices.Equal(got, []byte("first")) || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}
