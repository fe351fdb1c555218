package claims

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"tagbridge/cmd/tagbridge/cluster/store"
)

// Options are what a keeper is given.
type Options struct {
	Store  *store.Store
	Bridge string
	Node   string
	Run    uint64
	// Found takes findings, and waits until somebody does so, or ctx ends.
	Found func(ctx context.Context, list []Finding)
	Look  time.Duration // how often it is looked whether the watch still brings what it should; 0: 20 s
	Log   *slog.Logger
}

// Held is what a member holds. It is not changed any more.
type Held struct {
	Joined bool
	Epochs map[string]uint64 // of all endpoints; 0: it is not held
}

// Keeper keeps the claims of a member in the bucket. Its methods may be called by any goroutine.
type Keeper struct {
	o     Options
	box   chan Held
	why   atomic.Pointer[string]
	told  string
	book  *Book
	began time.Time
	live  bool // something was read or written since the last pause
}

// NewKeeper makes a keeper, which does nothing before Run.
func NewKeeper(o Options) *Keeper {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Look <= 0 {
		o.Look = lookEvery
	}
	return &Keeper{o: o, box: make(chan Held, 1), book: NewBook(o.Node, o.Run), began: time.Now()}
}

// Set says what the member holds. It does not wait. One goroutine calls it.
func (k *Keeper) Set(h Held) {
	select {
	case <-k.box:
	default:
	}
	k.box <- h
}

// Why is why claims are not kept; "": they are, or nothing was tried yet.
func (k *Keeper) Why() string {
	if k.o.Store.Current() == nil {
		return k.o.Store.State().Error
	}
	if why := k.why.Load(); why != nil {
		return *why
	}
	return ""
}

// The pauses after the bucket could not be used.
const (
	firstPause = 500 * time.Millisecond
	mostPause  = 15 * time.Second
)

// Run keeps claims until ctx ends. It is called once.
func (k *Keeper) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		link, err := k.o.Store.Link(ctx)
		if err != nil {
			return
		}
		k.live = false
		err = k.session(ctx, link)
		if k.live {
			pause = firstPause
		}
		if err == nil {
			continue // the bucket is to be read anew
		}
		select {
		case <-link.Gone():
		default:
			k.say(err.Error())
		}
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		pause = min(2*pause, mostPause*2/3)
	}
}

// say keeps why claims are not kept, and tells the log of it once; "": they are.
func (k *Keeper) say(why string) {
	k.why.Store(&why)
	if why == k.told {
		return
	}
	k.told = why
	if why == "" {
		k.o.Log.Info("cluster claims are kept")
		return
	}
	k.o.Log.Warn("cluster claims are not kept, devices are read all the same", "err", why)
}

// now is the time of the book.
func (k *Keeper) now() time.Duration { return time.Since(k.began) }

// errEnded is a watch that brings nothing any more.
var errEnded = errors.New("the bucket of claims does not say any more what changes in it")

// bucketBytes bounds the bucket: as many endpoints as are possible, with long names, and some of old configurations.
const bucketBytes = 8 << 20

func (k *Keeper) description() string {
	return fmt.Sprintf("who reads which endpoint of %s, and how often each was taken", k.o.Bridge)
}
