package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tagbridge/cmd/tagbridge/cluster/revision"
	"tagbridge/mapping/config"
)

type clusterRevisionsVerb struct {
	Config string   `arg:"" help:"Configuration file of a member."`
	URL    []string `arg:"" optional:"" name:"url" help:"NATS servers, in place of those of bridge.cluster."`
	JSON   bool     `name:"json" help:"Print JSON."`
	revisionLogin
}

// Run lists what was pushed, the newest first, and what each member has. The status is 1 when a member has not the newest one.
func (v clusterRevisionsVerb) Run(ctx context.Context, std streams) error {
	p, err := v.openFile(ctx, v.Config, v.URL)
	if err != nil {
		return err
	}
	defer p.close()
	list, err := p.history(ctx)
	if err != nil {
		return err
	}
	members := p.members(ctx)
	slices.SortFunc(members, func(a, b *revision.Report) int { return strings.Compare(a.Node, b.Node) })
	if v.JSON {
		b, err := json.Marshal(map[string]any{"revisions": append([]*revision.Manifest{}, list...), "members": append([]*revision.Report{}, members...)})
		if err != nil {
			return err
		}
		fmt.Fprintln(std.out, string(b))
	} else {
		printRevisions(list, members, std)
	}
	for _, r := range members {
		if len(list) > 0 && (r.ID != list[0].ID || len(r.Differs) > 0) {
			return exitStatus(exitFailed)
		}
	}
	return nil
}

func printRevisions(list []*revision.Manifest, members []*revision.Report, std streams) {
	if len(list) == 0 {
		fmt.Fprintln(std.out, "nothing was pushed yet")
		return
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "revision\tpushed\tfiles\tby\tcomment")
	for _, m := range list {
		comment := m.Comment
		if m.Of > 0 {
			comment = strings.TrimSuffix(fmt.Sprintf("back to revision %d: %s", m.Of, comment), ": ")
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\n", m.Number, stamp(m.Time), len(m.Files)+1, forTerminal(m.By), forTerminal(comment))
	}
	fmt.Fprintln(w, "\nmember\thas\theard\tnote\t")
	for _, r := range members {
		has := fmt.Sprint(r.Revision)
		if r.Revision == 0 {
			has = "none"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n", forTerminal(r.Node), has, stamp(r.Time), forTerminal(r.Note()))
	}
	w.Flush()
}

// openFile is open for a configuration of which only bridge matters.
func (l revisionLogin) openFile(ctx context.Context, path string, urls []string) (*pusher, error) {
	if path == "-" {
		return nil, errors.New("name the configuration file of a member")
	}
	cfg, problems := config.Load(path, config.Options{Expand: true})
	switch {
	case cfg == nil && len(problems) > 0:
		return nil, errors.New(problems[0].String())
	case !wantsRevisions(cfg):
		return nil, noCluster(path)
	}
	return l.open(ctx, cfg, path, urls)
}

type clusterRollbackVerb struct {
	Config   string        `arg:"" help:"Configuration file of a member."`
	Revision int           `arg:"" optional:"" help:"Revision to return to; default: the one before the newest."`
	URL      []string      `arg:"" optional:"" name:"url" help:"NATS servers, in place of those of bridge.cluster."`
	Comment  string        `help:"Why, for those who look at it later."`
	Wait     time.Duration `default:"1m" help:"How long members are waited for."`
	revisionLogin
}

// Run pushes an earlier revision again, as a new one. The status is that of push.
func (v clusterRollbackVerb) Run(ctx context.Context, std streams) error {
	p, err := v.openFile(ctx, v.Config, v.URL)
	if err != nil {
		return err
	}
	defer p.close()
	last, entry, err := p.newest(ctx)
	if err != nil {
		return err
	}
	list, err := p.history(ctx)
	if err != nil {
		return err
	}
	chosen, err := v.choose(list, last)
	if err != nil {
		return err
	}
	content, err := p.fetch(ctx, chosen)
	if err != nil {
		return err
	}
	cfg, problems, err := p.load(content)
	if err != nil {
		return err
	}
	if problems.HasProblems() {
		for _, q := range problems {
			fmt.Fprintln(std.out, q)
		}
		fmt.Fprintln(std.err, "tagbridge: nothing was pushed")
		return exitStatus(exitBadFile)
	}
	p.showDifference(ctx, last, cfg, std)
	next := revision.Next(content, last, p.members(ctx))
	next.Of, next.Comment = chosen.Number, v.Comment
	return p.publish(ctx, &pushed{next, content, entry}, v.Wait, std)
}

// choose is the revision to return to.
func (v clusterRollbackVerb) choose(list []*revision.Manifest, last *revision.Manifest) (*revision.Manifest, error) {
	for _, m := range list {
		switch {
		case last != nil && revision.Same(m, last):
			if v.Revision == m.Number {
				return nil, fmt.Errorf("revision %d is what all have now", m.Number)
			}
		case v.Revision == m.Number, v.Revision == 0:
			return m, nil
		}
	}
	if v.Revision == 0 {
		return nil, errors.New("there is no other revision to return to")
	}
	return nil, fmt.Errorf("there is no revision %d, or it is not kept any more: tagbridge cluster revisions lists those that are", v.Revision)
}
