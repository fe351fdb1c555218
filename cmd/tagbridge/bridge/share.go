package bridge

import (
	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// Share is how a bridge shares its endpoints with others, so that one of them reads each. Its methods are safe for concurrent use and return
// at once, but for Leave.
type Share interface {
	// Lease is that of the endpoint of that key, the same one each time. It is granted and revoked as others come and go.
	Lease(endpoint string) *drivers.Lease
	// Configure says what there is to be read from now on.
	Configure(cfg *config.Config)
	// Leave says that nothing is read here any more, so that others need not wait.
	Leave()
}

// lease is what allows reading the endpoint of e; nil: nobody else reads it.
func (b *Bridge) lease(e config.Connection) *drivers.Lease {
	if b.o.Share == nil || e.Devices[0].IsDerived() {
		return nil
	}
	return b.o.Share.Lease(e.Key)
}

// share tells what there is to be read.
func (b *Bridge) share(cfg *config.Config) {
	if b.o.Share != nil {
		b.o.Share.Configure(cfg)
	}
}

// leaveShare is called when the lanes have ended.
func (b *Bridge) leaveShare() {
	if b.o.Share != nil {
		b.o.Share.Leave()
	}
}
