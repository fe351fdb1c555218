package opcua

import (
	"bytes"
	"errors"

	"tagbridge/drivers/opcua/wire"
)

// Node ids carry the index of their namespace, which a server may give to another one at any time, even within a
// session: it would then answer with the values of other nodes, as Good. So its table of namespaces is read along with
// the values, behind them, or monitored, and what came with another table than the nodes were found by is thrown away.

var namespaceArray = wire.Numeric(2255)

// tableHandle is the handle of the monitored table: the one behind those of the tags.
func (p *Plan) tableHandle() uint32 { return uint32(len(p.tags)) }

// errRenumbered ends a session: the nodes are found anew in the next.
var errRenumbered = errors.New("the server has changed its namespaces: connecting anew")

// renumbered reports that v, the table of namespaces, is not the one that nodes were found by. A server that does not
// show it at the moment says nothing.
func (l *Link) renumbered(v *wire.DataValue) bool {
	return !v.Status.IsBad() && v.Value.Type == wire.TypeString && !bytes.Equal(v.Value.Raw, l.table)
}

// indexed reports that nodes of p were found by something else than the index that its map has.
func (p *Plan) indexed() bool {
	for _, t := range p.tags {
		if t.Node.IsPath() || t.Node.URI != "" {
			return true
		}
	}
	return false
}
