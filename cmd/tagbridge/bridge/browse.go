package bridge

import (
	"context"
	"errors"
	"fmt"

	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// A browser is a protocol whose devices tell what can be read of them.
type browser interface {
	protocol
	// browse prepares a question about one level; its turns are as drivers.Lane.Ask has them.
	browse(q *BrowseQuestion) (level, error)
}

// level is a question about one level of what a device has.
type level interface {
	Turn(ctx context.Context, link drivers.Link) (more bool, err error)
	browsed() *Browsed // once there are no more turns
}

// BrowseQuestion is about the children of one node of a device.
type BrowseQuestion struct {
	Root  string   // as an address of a tag map, or a browse path; "": where the tree begins
	Path  []string // names of the levels down to Root, for the names of tags
	First int      // so many children are passed over
	Most  int      // children at most
}

// Browsed are children of a node.
type Browsed struct {
	Root  string // the node, as an address of a tag map
	Nodes []BrowsedNode
	More  bool // there are more
}

// BrowsedNode is an object or a variable. Its texts are the device's, of bounded length, and may hold anything.
type BrowsedNode struct {
	Name        string
	Address     string // as tag maps have it; "": none can name it
	Variable    bool
	Type        string // of a variable: what its value is
	Array       int    // elements of an array; -1: it is none
	Value       string // as text
	Quality     string
	Unit        string
	Description string
	Rows        []TagRow // that would read it
	Why         string   // there are none, or not all of them
}

// Errors of Browse that say that the question is at fault.
var (
	ErrNoTree = errors.New("it does not tell what can be read of it")
	ErrRoot   = errors.New("root")
)

// Browse asks a device of the running configuration for the children of a node, over the bridge's own connection and within
// its probe share; one to which there is none, as nothing is read of it, is connected to for this. Errors are as of Ask, and
// ErrNoTree, ErrRoot.
func (b *Bridge) Browse(ctx context.Context, device *config.Device, q *BrowseQuestion) (*Browsed, error) {
	asks, ok := b.protocols.of(device).(browser)
	if !ok {
		return nil, fmt.Errorf("device %s: %w", device.Name, ErrNoTree)
	}
	question, err := asks.browse(q)
	if err != nil {
		return nil, err
	}
	if lane := b.laneOf(device.Name); lane != nil {
		err = lane.Ask(ctx, question.Turn)
	} else {
		err = b.askAside(ctx, device, question)
	}
	if err != nil {
		return nil, fmt.Errorf("device %s: %w", device.Name, err)
	}
	return question.browsed(), nil
}

// askAside asks a device to which there is no connection over one for this question alone.
func (b *Bridge) askAside(ctx context.Context, device *config.Device, question level) error {
	if !b.aside.TryLock() {
		return drivers.ErrAsked
	}
	defer b.aside.Unlock()
	for _, c := range b.Config().Connections() {
		for _, d := range c.Devices {
			if d.Name != device.Name {
				continue
			}
			c.Devices = []*config.Device{d}
			return b.askOver(ctx, c, question)
		}
	}
	return ErrNotRead
}

func (b *Bridge) askOver(ctx context.Context, c config.Connection, question level) error {
	protocol := b.protocols.of(c.Devices[0])
	link, err := protocol.link(c, b.o.Log)
	if err != nil {
		return err
	}
	if err := openWithin(ctx, link, protocol.manner(c.Devices[0]).connect); err != nil {
		return err
	}
	defer link.Close()
	for more := true; more && err == nil; {
		if err = ctx.Err(); err == nil {
			more, err = question.Turn(ctx, link)
		}
	}
	return err
}
