package mapping

// Decimal is Mant × 10^Exp, exactly.
type Decimal struct {
	Mant int64
	Exp  int8
}
