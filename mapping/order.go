package mapping

import (
	"fmt"
	"strings"
)

// Order is the byte order of a value, A being its most significant byte.
type Order uint8

// The byte orders. CDAB reverses the words, BADC swaps the bytes of each word, DCBA does both.
const (
	ABCD Order = iota
	CDAB
	BADC
	DCBA
)

// OrderNames are the names of the orders in tag maps, by Order.
var OrderNames = [...]string{"ABCD", "CDAB", "BADC", "DCBA"}

// ParseOrder reads a byte order of the tag map, in capitals or not.
func ParseOrder(s string) (Order, error) {
	for o, name := range OrderNames {
		if strings.EqualFold(s, name) {
			return Order(o), nil
		}
	}
	return 0, fmt.Errorf("order %q: want %s", s, strings.Join(OrderNames[:], ", "))
}

func (o Order) String() string { return OrderNames[o] }

// SwapsWords reports an order whose least significant word comes first.
func (o Order) SwapsWords() bool { return o == CDAB || o == DCBA }

// SwapsBytes reports an order whose words have their least significant byte first.
func (o Order) SwapsBytes() bool { return o == BADC || o == DCBA }
