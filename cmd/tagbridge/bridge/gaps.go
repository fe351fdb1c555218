package bridge

import (
	"context"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/mapping/config"
)

// Gaps tells what is missing of what was to be read and delivered.
func (b *Bridge) Gaps(ctx context.Context, q gaps.Query) (*gaps.Report, error) {
	b.flushEvents(ctx)
	cfg := b.now.Load().cfg
	src := gapsSource(cfg.Bridge.DataDir, cfg)
	src.Running, src.Alive = true, src.Now
	src.LookBack = b.journal.LookBack
	return gaps.Account(ctx, src, q)
}

// GapsIn tells the same of a data directory, also of a copy and beside a bridge that runs; cfg is its configuration, as far as
// that is known, or nil.
func GapsIn(ctx context.Context, dataDir string, cfg *config.Config, q gaps.Query) (*gaps.Report, error) {
	src := gapsSource(dataDir, cfg)
	src.Alive = events.Alive(events.Folder(dataDir))
	src.Running = src.Now.Sub(src.Alive).Abs() < aliveWithin
	return gaps.Account(ctx, src, q)
}

// aliveWithin is how long ago a bridge that runs has noted at most that it does.
const aliveWithin = 15 * time.Second

// gapsSource is what there is to make the account from.
func gapsSource(dataDir string, cfg *config.Config) gaps.Source {
	src := gaps.Source{DataDir: dataDir, Config: cfg, Now: time.Now()}
	h := HistoryIn(dataDir)
	list, err := h.List()
	if err != nil {
		src.Fault = err.Error()
	}
	for _, a := range list {
		if a.Replaced {
			continue
		}
		src.Applied = append(src.Applied, gaps.Applied{Time: a.Time, Load: func() *config.Config {
			cfg, _ := config.Load(a.Files[0].Path, config.Options{Files: h.Texts(a)})
			return cfg
		}})
	}
	return src
}
