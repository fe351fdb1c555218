package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/cluster/revision"
	"tagbridge/cmd/tagbridge/plan"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

type clusterPushVerb struct {
	Config  string        `arg:"" help:"Configuration file."`
	URL     []string      `arg:"" optional:"" name:"url" help:"NATS servers, in place of those of bridge.cluster."`
	Comment string        `help:"Why, for those who look at it later."`
	Wait    time.Duration `default:"1m" help:"How long members are waited for."`
	revisionLogin
}

// Run checks the configuration, shows what is different, pushes it, and tells what becomes of it. The status is 0 when all members that are
// there have it, 1 when one has not or it was not pushed, and 2 when it has problems.
func (v clusterPushVerb) Run(ctx context.Context, std streams) error {
	if v.Config == "-" {
		return errors.New("standard input cannot be pushed: name the file that a bridge runs")
	}
	cfg, content, err := draftOf(v.Config, std)
	if err != nil {
		return err
	}
	p, err := v.open(ctx, cfg, v.Config, v.URL)
	if err != nil {
		return err
	}
	defer p.close()
	last, entry, err := p.newest(ctx)
	if err != nil {
		return err
	}
	next := revision.Next(content, last, p.members(ctx))
	if last != nil && revision.Same(last, next) {
		fmt.Fprintf(std.out, "nothing differs from revision %d\n", last.Number)
		return p.await(ctx, last, v.Wait, std)
	}
	p.showDifference(ctx, last, cfg, std)
	next.Comment = v.Comment
	return p.publish(ctx, &pushed{next, content, entry}, v.Wait, std)
}

// draftOf checks a configuration as check does, and is what there is of it to be pushed.
func draftOf(path string, std streams) (*config.Config, *revision.Content, error) {
	var seen []revision.Seen
	cfg, problems := config.Load(path, config.Options{Expand: true, Seen: func(path string, content []byte) {
		seen = append(seen, revision.Seen{Path: path, Content: bytes.Clone(content)})
	}})
	if !problems.HasProblems() {
		problems = append(problems, checkFiles(cfg)...)
		problems = append(problems, plan.Overloads(cfg)...)
		problems = append(problems, tooShort(cfg)...)
	}
	var content *revision.Content
	if !problems.HasProblems() && wantsRevisions(cfg) {
		var found source.Problems
		content, found = revision.Draft(cfg, seen)
		problems = append(problems, found...)
	}
	for _, p := range problems {
		fmt.Fprintln(std.out, p)
	}
	switch {
	case problems.HasProblems():
		fmt.Fprintln(std.err, "tagbridge: nothing was pushed")
		return nil, nil, exitStatus(exitBadFile)
	case !wantsRevisions(cfg):
		return nil, nil, noCluster(path)
	}
	return cfg, content, nil
}

func noCluster(path string) error {
	return fmt.Errorf("%s is of a bridge in no cluster: bridge.cluster names the NATS servers by which others are reached", path)
}

// pushed is a revision that is to be the newest.
type pushed struct {
	manifest *revision.Manifest
	content  *revision.Content
	entry    uint64 // what it follows
}

// publishTime bounds how long pushing takes.
const publishTime = 2 * time.Minute

// publish makes it the newest, and waits for the members.
func (p *pusher) publish(ctx context.Context, x *pushed, wait time.Duration, std streams) error {
	x.manifest.Bridge, x.manifest.By, x.manifest.Program = p.cfg.Bridge.Name, whoami(), version
	err := p.do(ctx, publishTime, func(ctx context.Context, r *revision.Remote) error { return r.Store(ctx, x.content) })
	if err != nil {
		return fmt.Errorf("nothing was pushed: %w", err)
	}
	err = p.do(ctx, publishTime, func(ctx context.Context, r *revision.Remote) error {
		ctx, cancel := context.WithTimeout(ctx, openTime)
		defer cancel()
		return r.Publish(ctx, x.manifest, x.entry)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "revision %d is pushed\n", x.manifest.Number)
	if err := p.tidy(ctx, x.content); err != nil {
		fmt.Fprintf(std.err, "tagbridge: old files are not removed: %v\n", err)
	}
	return p.await(ctx, x.manifest, wait, std)
}

// tidy removes files of revisions that are not kept any more, and makes sure that those of this one are there: another push may have
// removed what it had found.
func (p *pusher) tidy(ctx context.Context, content *revision.Content) error {
	list, err := p.history(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	return p.do(ctx, remoteTime, func(ctx context.Context, r *revision.Remote) error {
		return errors.Join(r.Sweep(ctx, list), r.Store(ctx, content))
	})
}

// mostDifferences is how many lines of a difference are printed.
const mostDifferences = 2000

// showDifference prints what differs from the newest revision, or from what a bridge here applied last.
func (p *pusher) showDifference(ctx context.Context, last *revision.Manifest, cfg *config.Config, std streams) {
	old, what, err := p.before(ctx, last)
	if err != nil {
		fmt.Fprintf(std.err, "tagbridge: what differs is not known: %v\n", err)
		return
	}
	if old == nil {
		fmt.Fprintln(std.err, "tagbridge: this is the first revision")
		return
	}
	fmt.Fprintf(std.err, "tagbridge: from %s to this\n", what)
	lines := config.Explain(old, cfg)
	for i, line := range lines {
		if i == mostDifferences {
			fmt.Fprintf(std.out, "and %d more\n", len(lines)-i)
			break
		}
		fmt.Fprintln(std.out, line)
	}
	if len(lines) == 0 {
		fmt.Fprintln(std.out, "nothing that runs differs: comments, or how it is written")
	}
}

// before is the configuration to compare with; nil: there is none.
func (p *pusher) before(ctx context.Context, last *revision.Manifest) (old *config.Config, what string, err error) {
	if last == nil {
		h := bridge.HistoryIn(p.cfg.Bridge.DataDir)
		a, found, err := h.LastApplied(p.path)
		if err != nil || !found {
			return nil, "", nil // it may be another PC than that of a member
		}
		old, _ = config.Load(p.path, config.Options{Files: h.Texts(a), Expand: true})
		return old, "what was applied here at " + stamp(a.Time), nil
	}
	content, err := p.fetch(ctx, last)
	if err != nil {
		return nil, "", err
	}
	old, problems, err := p.load(content)
	if err == nil && old == nil {
		err = errors.New(problems[0].String())
	}
	return old, fmt.Sprintf("revision %d", last.Number), err
}

// load loads a revision as the configuration here.
func (p *pusher) load(content *revision.Content) (*config.Config, source.Problems, error) {
	b, err := os.ReadFile(p.path)
	if err != nil {
		return nil, nil, err
	}
	own, err := source.Text(b)
	if err != nil {
		return nil, nil, err
	}
	merged, err := revision.Merge(content.Config, own)
	if err != nil {
		return nil, nil, err
	}
	cfg, problems := config.Load(p.path, config.Options{Files: source.Over(content.Texts(p.path, merged)), Expand: true})
	return cfg, problems, nil
}

// whoami is who pushes, as far as the system knows.
func whoami() string {
	name := "somebody"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += " at " + host
	}
	return strings.ToValidUTF8(name[:min(len(name), 200)], "")
}

// await tells what becomes of a revision at the members that are there.
func (p *pusher) await(ctx context.Context, m *revision.Manifest, wait time.Duration, std streams) error {
	living := p.living(ctx)
	if len(living) == 0 {
		fmt.Fprintln(std.out, "no member is heard: each takes it when it comes")
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	refused := false
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for len(living) > 0 {
		var left []string
		for _, node := range living {
			var r *revision.Report
			err := p.ask(ctx, func(ctx context.Context, from *revision.Remote) (err error) {
				r, err = from.ReportOf(ctx, node)
				return err
			})
			switch {
			case err == nil && r != nil && r.ID == m.ID:
				tellApplied(std.out, r)
			case err == nil && r != nil && r.Refused == m.Number && r.Refused != 0:
				refused = true
				fmt.Fprintf(std.out, "%s refused it: %s\n", forTerminal(node), forTerminal(r.Why))
			default:
				left = append(left, node)
			}
		}
		living = left
		if len(living) == 0 {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			fmt.Fprintf(std.out, "not heard of within %v: %s\n", wait, forTerminal(strings.Join(living, ", ")))
			return exitStatus(exitFailed)
		}
	}
	if refused {
		return exitStatus(exitFailed)
	}
	return nil
}

func tellApplied(out io.Writer, r *revision.Report) {
	note := ""
	if len(r.Differs) > 0 {
		note = ", but files were changed there since: " + strings.Join(r.Differs, ", ")
	}
	fmt.Fprintf(out, "%s has it%s\n", forTerminal(r.Node), forTerminal(note))
}
