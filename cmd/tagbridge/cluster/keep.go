package cluster

import (
	"context"

	"tagbridge/cmd/tagbridge/cluster/claims"
	"tagbridge/cmd/tagbridge/cluster/member"
)

// newKeeper makes what keeps the claims of r, and never has it wait.
func newKeeper(r *runner) *claims.Keeper {
	return claims.NewKeeper(claims.Options{
		Store: r.c.store, Bridge: r.o.Bridge, Node: r.o.Node, Run: r.run, Log: r.o.Log,
		Found: func(ctx context.Context, list []claims.Finding) {
			select {
			case r.found <- list:
			case <-ctx.Done():
			}
		},
	})
}

// find takes what the claims say of endpoints.
func (r *runner) find(list []claims.Finding) {
	for _, f := range list {
		if f.Over {
			r.member.Overtaken(member.Key(f.Endpoint), f.Epoch)
		} else {
			r.member.Known(member.Key(f.Endpoint), f.Epoch)
		}
	}
}

// keep has claims be kept of what is held, when that may have changed.
func (r *runner) keep() {
	of, joined := r.member.Changes(), r.member.Joined()
	if r.keptOf == of && r.keptJoined == joined {
		return
	}
	r.keptOf, r.keptJoined = of, joined
	epochs := map[string]uint64{}
	r.member.Epochs(func(key string, epoch uint64) { epochs[key] = epoch })
	r.keeper.Set(claims.Held{Joined: joined, Epochs: epochs})
}
