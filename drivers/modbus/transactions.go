package modbus

import (
	"math/rand/v2"
	"sync/atomic"
)

// Transactions numbers the requests of all connections to one endpoint. A gateway may answer what was asked over one
// connection over another that it has open by then; as no number comes again for as long as there are others, such an
// answer is known for what it is. It is safe for concurrent use.
type Transactions struct {
	last atomic.Uint32
}

// NewTransactions begins with a small number of chance: small, as there are devices that do not answer large ones before
// they have met small ones; of chance, as what was asked before the program was started again may still be answered.
func NewTransactions() *Transactions {
	t := new(Transactions)
	t.last.Store(rand.Uint32N(firstTransactions))
	return t
}

// firstTransactions bounds the first number; numTransactions is how many there are: all that 16 bits hold but 0, which
// some devices answer whatever they were asked.
const (
	firstTransactions = 0xFF
	numTransactions   = 0xFFFF
)

func (t *Transactions) next() uint16 { return uint16((t.last.Add(1)-1)%numTransactions) + 1 }
