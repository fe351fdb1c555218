package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// openPages is how many pages are open at a time, each asking once a second.
const openPages = 20

// pagesSetup says whose pages are open.
type pagesSetup struct {
	URL string `json:"url"` // of the bridge
}

// pagesReport is what open pages have asked for.
type pagesReport struct {
	Asked  int64  `json:"asked"`
	Bytes  int64  `json:"bytes"` // of answers, as they came
	Failed string `json:"failed"`
}

// runPages opens and closes pages of a view as it is told.
func runPages(setup string) error {
	var s pagesSetup
	if err := json.Unmarshal([]byte(setup), &s); err != nil {
		return err
	}
	end := func() pagesReport { return pagesReport{} }
	return serveOrders(func(o order) any {
		switch o.Do {
		case "open":
			end = openAll(s.URL, o.Target)
			return pagesReport{}
		default:
			return end()
		}
	})
}

// openAll opens pages, evenly over a second: what they ask is seldom asked at the same moment. The function that it returns
// closes them.
func openAll(url, view string) (end func() pagesReport) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	list := make([]*openPage, openPages)
	for i := range list {
		p := &openPage{url: url, http: &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1}}}
		list[i] = p
		wg.Go(func() { p.look(ctx, view, time.Duration(i)*time.Second/openPages) })
	}
	return func() (sum pagesReport) {
		cancel()
		wg.Wait()
		for _, p := range list {
			p.http.CloseIdleConnections()
			sum.Asked += p.asked.Load()
			sum.Bytes += p.bytes
			if p.failed != nil {
				sum.Failed = p.failed.Error()
			}
		}
		return sum
	}
}

// askedBy is what is asked for once a second, by view.
var askedBy = map[string]string{"bare": "/healthz", "overview": "/api/v1/overview", "values": "/api/v1/changes?rows=0-59&order=worst"}

// openPage asks what the page asks: see src/poll.ts and src/status.ts there.
type openPage struct {
	url    string
	http   *http.Client
	etag   string
	cursor string
	status string // which it knows
	asked  atomic.Int64
	bytes  int64
	failed error
}

func (p *openPage) look(ctx context.Context, view string, first time.Duration) {
	beat := time.NewTimer(first)
	defer beat.Stop()
	for p.failed == nil {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
		begin := time.Now()
		if err := p.once(ctx, view); err != nil && ctx.Err() == nil {
			p.failed = err
		}
		beat.Reset(time.Second - time.Since(begin)%time.Second)
	}
}

// once asks for what view shows, and for the verdict when it has become another.
func (p *openPage) once(ctx context.Context, view string) error {
	path := askedBy[view]
	if p.cursor != "" {
		path += "&since=" + url.QueryEscape(p.cursor)
	}
	head, body, err := p.ask(ctx, path)
	if err != nil {
		return err
	}
	if view == "values" {
		var said struct{ Cursor string }
		if err := json.Unmarshal(body, &said); err != nil {
			return err
		}
		p.cursor = said.Cursor
	} else {
		p.etag = head.Get("ETag")
	}
	if now := head.Get("X-Tagbridge-Status"); now != p.status {
		p.status = now
		_, _, err = p.ask(ctx, "/api/v1/status")
	}
	return err
}

// ask asks as a browser does.
func (p *openPage) ask(ctx context.Context, path string) (http.Header, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, h := range [][2]string{
		{"Accept", "*/*"}, {"Accept-Encoding", "gzip, deflate, br, zstd"}, {"Accept-Language", "en-GB"}, {"Cache-Control", "no-cache"}, {"Pragma", "no-cache"},
		{"Referer", p.url + "/"}, {"Sec-Fetch-Dest", "empty"}, {"Sec-Fetch-Mode", "cors"}, {"Sec-Fetch-Site", "same-origin"},
		{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36"},
		{"sec-ch-ua", `"Chromium";v="140", "Not=A?Brand";v="24", "HeadlessChrome";v="140"`}, {"sec-ch-ua-mobile", "?0"}, {"sec-ch-ua-platform", `"Linux"`},
	} {
		r.Header.Set(h[0], h[1])
	}
	if p.etag != "" {
		r.Header.Set("If-None-Match", p.etag)
	}
	answer, err := p.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	p.asked.Add(1)
	packed, err := io.ReadAll(answer.Body)
	p.bytes += int64(len(packed))
	switch {
	case err != nil:
		return nil, nil, err
	case answer.StatusCode == http.StatusNotModified:
		return answer.Header, nil, nil
	case answer.StatusCode != http.StatusOK:
		return nil, nil, fmt.Errorf("%s: %s: %.200s", path, answer.Status, packed)
	}
	return answer.Header, packed, nil
}
