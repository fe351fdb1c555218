package mapping

// ParseDecimal reads a number as people write it: sign, digits, point, exponent.
func ParseDecimal(s string) (Decimal, error) { return Decimal{}, nil }

// ParseAddress reads a Modbus address in any notation of the tag map.
func ParseAddress(s string) (Address, error) { return Address{}, nil }

// String is the canonical notation of a, such as holding:99, holding:99.b3 or input:0.hi.
func (a Address) String() string { return a.Table.String() }

// ParseType reads a type of the tag map; length is that of string:N.
func ParseType(s string) (t Type, length int, err error) { return 0, 0, nil }

// ParseOrder reads a byte order of the tag map.
func ParseOrder(s string) (Order, error) { return ABCD, nil }
