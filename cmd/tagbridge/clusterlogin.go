package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	library "github.com/nats-io/nats.go"

	"tagbridge/cmd/tagbridge/cluster/carrier"
	"tagbridge/cmd/tagbridge/cluster/revision"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/cmd/tagbridge/cluster/wire"
	"tagbridge/mapping/config"
	"tagbridge/mapping/secure"
)

// natsLoginVariable holds NAME:PASSWORD of who may push, where the configuration has the login of a member.
const natsLoginVariable = "TAGBRIDGE_NATS_LOGIN"

type revisionLogin struct {
	Credentials string `placeholder:"FILE" help:"NATS credentials of who may push; NAME:PASSWORD may be in $$TAGBRIDGE_NATS_LOGIN."`
}

// pusher is a connection to the revisions of a cluster.
type pusher struct {
	cfg    *config.Config
	path   string
	store  *store.Store
	end    context.CancelFunc
	ended  chan struct{}
	link   *store.Link
	remote *revision.Remote
}

// How long NATS is waited for: a choice of leaders takes up to nine seconds, and there may be two in turn.
const (
	reachTime  = 45 * time.Second
	remoteTime = 20 * time.Second
)

// open connects to the servers of cfg, or to urls.
func (l revisionLogin) open(ctx context.Context, cfg *config.Config, path string, urls []string) (*pusher, error) {
	o, err := l.options(cfg, urls)
	if err != nil {
		return nil, err
	}
	p := &pusher{cfg: cfg, path: path, ended: make(chan struct{})}
	if p.store, err = store.New(o); err != nil {
		return nil, err
	}
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	p.end = end
	go func() {
		defer close(p.ended)
		p.store.Run(work)
	}()
	if err := p.do(ctx, reachTime, func(context.Context, *revision.Remote) error { return nil }); err != nil {
		p.close()
		return nil, fmt.Errorf("the cluster is not reached: %w", err)
	}
	return p, nil
}

// The bounds of one try, after which another one may go by another server, and the pause before it.
const (
	tryTime  = 30 * time.Second
	openTime = 4 * time.Second
	tryPause = 500 * time.Millisecond
)

// do does something, again and by whatever server is there, until it is done, cannot be done, or limit is over.
func (p *pusher) do(ctx context.Context, limit time.Duration, f func(context.Context, *revision.Remote) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := p.try(ctx, f)
		if err == nil || !revision.Passes(err) {
			return err
		}
		t := time.NewTimer(tryPause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return err
		}
	}
}

func (p *pusher) try(ctx context.Context, f func(context.Context, *revision.Remote) error) error {
	link, err := p.store.Link(ctx)
	if err != nil {
		if p.store.State().Error == "" {
			err = errors.New("no server of bridge.cluster.nats is reached")
		}
		return err
	}
	if link != p.link || p.remote == nil {
		short, cancel := context.WithTimeout(ctx, openTime)
		defer cancel()
		if p.remote, err = revision.Open(short, link, p.cfg.Bridge.Name); err != nil {
			p.remote = nil
			return err
		}
		p.link = link
	}
	short, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	go func() {
		select {
		case <-link.Refused():
			time.AfterFunc(refusedTime, cancel)
		case <-short.Done():
		}
	}()
	return f(short, p.remote)
}

// refusedTime is how long an answer may still come after the server has said that it does not allow something: it may have meant something else.
const refusedTime = 2 * time.Second

func (p *pusher) close() {
	p.end()
	<-p.ended
}

// options are how the servers are reached.
func (l revisionLogin) options(cfg *config.Config, urls []string) (store.Options, error) {
	c := &cfg.Bridge.Cluster
	o := store.Options{
		Bridge: cfg.Bridge.Name, Node: "push", URLs: urls, TLS: secure.TLS(c.TLS), Credentials: string(c.Login.Credentials),
		NKey: string(c.Login.NKey), Username: c.Login.Username, Password: string(c.Login.Password),
		Remedy: "log in as who may push, by --credentials FILE, or NAME:PASSWORD in " + natsLoginVariable + "; nats-accounts.conf has his rights",
	}
	if len(urls) == 0 {
		for _, url := range c.NATS {
			o.URLs = append(o.URLs, string(url))
		}
	}
	file := c.Login.CredentialsFile
	name, password, given := strings.Cut(os.Getenv(natsLoginVariable), ":")
	switch {
	case l.Credentials != "":
		file = l.Credentials
	case given:
		file = ""
		o.Username, o.Password, o.Credentials, o.NKey = name, password, "", ""
	}
	if file == "" {
		return o, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return o, fmt.Errorf("read credentials: %w%s", err, permissionRemedy(err))
	}
	o.Credentials, o.NKey, o.Username, o.Password = string(text), "", "", ""
	return o, nil
}

// newest is the newest revision, or what damage there is in its place.
func (p *pusher) newest(ctx context.Context) (m *revision.Manifest, entry uint64, err error) {
	err = p.ask(ctx, func(ctx context.Context, r *revision.Remote) (err error) {
		m, entry, err = r.Newest(ctx)
		return err
	})
	var damaged *revision.Damaged
	if !errors.As(err, &damaged) {
		return m, entry, err
	}
	if list, err := p.history(ctx); err == nil && len(list) > 0 {
		return list[0], entry, nil
	}
	return nil, entry, nil
}

// ask asks what is answered at once.
func (p *pusher) ask(ctx context.Context, f func(context.Context, *revision.Remote) error) error {
	return p.do(ctx, remoteTime, func(ctx context.Context, r *revision.Remote) error {
		ctx, cancel := context.WithTimeout(ctx, openTime)
		defer cancel()
		return f(ctx, r)
	})
}

func (p *pusher) fetch(ctx context.Context, m *revision.Manifest) (c *revision.Content, err error) {
	err = p.do(ctx, publishTime, func(ctx context.Context, r *revision.Remote) (err error) {
		c, err = r.FetchAll(ctx, m)
		return err
	})
	return c, err
}

func (p *pusher) history(ctx context.Context) (list []*revision.Manifest, err error) {
	err = p.ask(ctx, func(ctx context.Context, r *revision.Remote) (err error) {
		list, err = r.History(ctx)
		return err
	})
	return list, err
}

// members are those that ever said what they have; none when that is not known.
func (p *pusher) members(ctx context.Context) (list []*revision.Report) {
	err := p.ask(ctx, func(ctx context.Context, r *revision.Remote) (err error) {
		list, err = r.Reported(ctx)
		return err
	})
	if err != nil {
		return nil
	}
	return list
}

// living are the members that are heard, by their nodes; where beats may not be heard, those that said lately what they have.
func (p *pusher) living(ctx context.Context) []string {
	takeover := p.cfg.Bridge.Cluster.Takeover
	short, cancel := context.WithTimeout(ctx, min(max(takeover, time.Second), 3*time.Second))
	defer cancel()
	found := map[string]bool{}
	beats := make(chan *library.Msg, 256)
	sub, err := p.link.Conn().ChanSubscribe("tagbridge."+carrier.Token(p.cfg.Bridge.Name)+".beat.*", beats)
	if err == nil {
		defer func() { _ = sub.Unsubscribe() }()
	}
	for ended := false; !ended; {
		select {
		case m := <-beats:
			if f, err := wire.Parse(m.Data); err == nil && len(found) < 1000 {
				found[f.Node] = true
			}
		case <-short.Done():
			ended = true
		}
	}
	if len(found) == 0 {
		for _, r := range p.members(ctx) {
			if time.Since(r.Time).Abs() < time.Minute {
				found[r.Node] = true
			}
		}
	}
	var list []string
	for node := range found {
		list = append(list, node)
	}
	slices.Sort(list)
	return list
}
