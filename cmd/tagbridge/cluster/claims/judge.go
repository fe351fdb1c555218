package claims

import (
	"errors"
	"fmt"
	"time"
)

// judge finds what the claim of somebody else means for this member.
//
// Where this member had written a claim, and somebody else has written a higher one since, that one knew of it, and this
// member stops. Where it had not, nobody could know: the higher epoch may be that of a member that died long ago. Then it
// takes a still higher one, if it takes part: by then it knows by beats that nobody else reads.
func (b *Book) judge(e *entry) {
	c := e.claim
	if c == nil || b.mine(c) {
		return
	}
	switch {
	case !e.held:
		if c.Epoch > e.known {
			b.find(e, false)
		}
	case e.wrote >= e.epoch && c.Epoch > e.epoch:
		b.find(e, true)
	case c.Epoch >= e.epoch && b.joined:
		b.find(e, false)
	}
}

func (b *Book) find(e *entry, over bool) {
	e.known = max(e.known, e.claim.Epoch)
	b.findings = append(b.findings, Finding{e.name, e.claim.Epoch, over})
}

// Findings are what was found since the last call.
func (b *Book) Findings() []Finding {
	list := b.findings
	b.findings = nil
	return list
}

// Next returns up to most claims that are to be written now. Done has to be called for each.
func (b *Book) Next(now time.Duration, most int) (list []Write) {
	if !b.synced || !b.joined {
		return nil
	}
	for _, e := range b.order {
		if len(list) == most {
			break
		}
		if !e.due() || now < e.next {
			continue
		}
		c := Claim{e.name, b.node, b.run, e.epoch}
		value, err := appendClaim(nil, &c)
		if e.refuse = err; err != nil {
			continue
		}
		e.flying, e.next = true, now+spacing
		list = append(list, Write{e.key, value, e.revision, e.epoch, e})
	}
	return list
}

// due reports that the bucket does not have yet what it should.
func (e *entry) due() bool {
	switch {
	case !e.held || e.flying || e.waits || errors.Is(e.bad, errNewer):
		return false
	}
	return e.claim == nil || e.claim.Epoch < e.epoch
}

// Busy reports that something is to be written, or is being written.
func (b *Book) Busy() bool {
	for _, e := range b.order {
		if e.flying || e.waits || e.due() {
			return b.joined
		}
	}
	return false
}

// Done takes how a write ended; revision is the one that it has now.
func (b *Book) Done(w Write, o Outcome, revision uint64, now time.Duration) {
	e := w.entry
	e.flying = false
	if o != Written {
		if e.revision == w.Revision { // what is there now has not been seen yet
			e.waits, e.since = true, now
		}
		return
	}
	if revision <= e.revision {
		return // what came after it was seen before
	}
	e.revision, e.bad = revision, nil
	e.claim = &Claim{e.name, b.node, b.run, w.Epoch}
	e.wrote = w.Epoch
}

// Kept says how many of the endpoints that are held have their claim in the bucket, and what is wrong with others.
func (b *Book) Kept() (kept, held int, wrong string) {
	for _, e := range b.order {
		switch {
		case e.bad != nil && wrong == "":
			wrong = fmt.Sprintf("what is kept under %s is no claim: %v", e.key, e.bad)
		case e.refuse != nil && wrong == "":
			wrong = fmt.Sprintf("the claim of %s cannot be written: %v", e.name, e.refuse)
		}
		if e.held {
			held++
			if b.mine(e.claim) && e.claim.Epoch == e.epoch {
				kept++
			}
		}
	}
	return kept, held, wrong
}

// There is how many of the endpoints have a claim in the bucket, as far as is known.
func (b *Book) There() (n int) {
	for _, e := range b.order {
		if e.claim != nil {
			n++
		}
	}
	return n
}
