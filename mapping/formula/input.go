package formula

// Type is what a name or a part of a formula is.
type Type uint8

// The types. Unknown is that of a tag whose device alone knows it: it is taken for what its place needs.
const (
	Unknown Type = iota
	Number
	Bool
	Text
)

func (t Type) String() string {
	return [...]string{"a value of unknown type", "a number", "true or false", "a text"}[t]
}

// Kind says how Input.Bits and Result.Bits are to be read.
type Kind uint8

// The kinds of values.
const (
	None  Kind = iota // no value: the quality is bad
	True              // a Bool: Bits is 0 or 1
	Int               // a Number: int64(Bits)
	Float             // a Number: math.Float64frombits(Bits); finite
	Words             // a Text: the field Text
)

// Texts gives the texts of an enumeration; "" where a number has none.
type Texts interface{ EnumText(v int64) string }

// Input is the present value of a tag. Whoever evaluates formulas fills it in, by Put and Miss, before Eval is called.
type Input struct {
	Kind    Kind
	Bits    uint64
	Text    string
	Quality uint32 // an OPC UA status code; bad exactly when Kind is None
	Time    int64  // of the sample, nanoseconds since 1970
	Texts   Texts  // nil: none
	// MaxAge is after how many nanoseconds without a sample the value is one of the past; 0: it holds until the next.
	MaxAge int64

	seen    int64  // when the sample came
	valued  int64  // Time of the last sample with a value; 0: there was none
	samples uint64 // with a value, so far
	puts    uint64 // likewise, the bad ones too
}

// NewInput is the input of a tag that was never read.
func NewInput() *Input { return &Input{Quality: BadWaitingForInitialData} }

// Forget has in never have been read.
func (in *Input) Forget() {
	*in = Input{Quality: BadWaitingForInitialData, MaxAge: in.MaxAge, Texts: in.Texts}
}

// Put notes that what was written to Kind, Bits, Text, Quality and Time is a new sample, which came at that time by the
// clock that Eval is given.
func (in *Input) Put(now int64) {
	in.seen = now
	in.puts++
	if in.Kind != None {
		in.valued = in.Time
		in.samples++
	}
}

// Read reports that there was a sample, be it a bad one.
func (in *Input) Read() bool { return in.seen != 0 }

// Samples is how many there were, the bad ones too.
func (in *Input) Samples() uint64 { return in.puts }

// Stale reports that there is a value and that it is one of the past at the time now.
func (in *Input) Stale(now int64) bool { return in.Kind != None && in.stale(now) }

// stale reports that the value is older than it may be.
func (in *Input) stale(now int64) bool { return in.MaxAge > 0 && now-in.seen > in.MaxAge }

// The status codes that a formula gives by itself (OPC UA Part 6, annex A).
const (
	Good                     uint32 = 0
	UncertainLastUsableValue uint32 = 0x40900000
	UncertainDataSubNormal   uint32 = 0x40A40000
	BadWaitingForInitialData uint32 = 0x80320000
	BadTypeMismatch          uint32 = 0x80740000
	BadNoData                uint32 = 0x809B0000
)

func isBad(q uint32) bool { return q>>31 == 1 }

func isUncertain(q uint32) bool { return q>>30 == 1 }
