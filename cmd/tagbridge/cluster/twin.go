package cluster

import (
	"fmt"
	"time"
)

// judgeTwins has this member take nothing while another one of its name is there that was there before.
func (r *runner) judgeTwins(now time.Duration) {
	text, aside := "", false
	for who, i := range r.infos {
		if who.node != r.o.Node || now-i.heard >= r.o.Takeover {
			continue
		}
		text = fmt.Sprintf("another member is called %s, too: give each a node name of its own", r.o.Node)
		aside = aside || r.isLater(who, i, now)
	}
	if aside {
		text += "; this one came later, and takes nothing"
	}
	if text != r.twin {
		r.twin, r.showAt = text, 0
		if text != "" {
			r.o.Log.Error("name of this member is taken", "problem", text, "event", clusterEvent)
		} else {
			r.o.Log.Info("name of this member is its own again", "event", clusterEvent)
		}
	}
	r.aside = aside
	r.member.StandAside(aside)
}

// sameAge is how close two ages are that cannot be told apart.
const sameAge = 2 * time.Second

// isLater reports that of this member and another one of its name, this one has to stand aside.
func (r *runner) isLater(who id, i *info, now time.Duration) bool {
	switch age := now - r.began - (now - i.heard); {
	case r.aside != i.aside:
		return r.aside
	case r.member.Joined() != i.joined && !r.aside:
		return i.joined
	case age < i.age-sameAge:
		return true
	case age > i.age+sameAge:
		return false
	}
	return r.run > who.run
}
