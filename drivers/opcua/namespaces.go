package opcua

import (
	"errors"

	"tagbridge/drivers/opcua/wire"
)

// Node ids carry the index of their namespace, which a server may give to another one at any time, even within a
// session: it would then answer with the values of other nodes, as Good. So its table of namespaces is read along with
// the values, behind them, or monitored, and what came with another table than the nodes were found by is thrown away.

var namespaceArray = wire.Numeric(2255)

// errRenumbered ends a session: the nodes are found anew in the next.
var errRenumbered = errors.New("the server has changed its namespaces: connecting anew")
