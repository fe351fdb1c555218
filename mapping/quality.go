package mapping

// Quality is an OPC UA status code (OPC UA Part 4, 7.39): the two top bits are the severity, the low sixteen
// carry info bits that do not change the name.
type Quality uint32

// The qualities that tagbridge gives by itself, and the standard ones that gateways meet most.
const (
	Good                              Quality = 0
	GoodClamped                       Quality = 0x00300000
	GoodLocalOverride                 Quality = 0x00960000
	UncertainNoCommunicationLastValue Quality = 0x408F0000
	UncertainLastUsableValue          Quality = 0x40900000
	UncertainSubstituteValue          Quality = 0x40910000
	UncertainInitialValue             Quality = 0x40920000
	UncertainSensorNotAccurate        Quality = 0x40930000
	UncertainUnitsExceeded            Quality = 0x40940000
	UncertainSubNormal                Quality = 0x40950000
	BadUnexpectedError                Quality = 0x80010000
	BadInternalError                  Quality = 0x80020000
	BadCommunicationError             Quality = 0x80050000
	BadDecodingError                  Quality = 0x80070000
	BadTimeout                        Quality = 0x800A0000
	BadNoCommunication                Quality = 0x80310000
	BadWaitingForInitialData          Quality = 0x80320000
	BadNodeIDUnknown                  Quality = 0x80340000
	BadNotReadable                    Quality = 0x803A0000
	BadOutOfRange                     Quality = 0x803C0000
	BadNotSupported                   Quality = 0x803D0000
	BadResourceUnavailable            Quality = 0x80040000
	BadTypeMismatch                   Quality = 0x80740000
	BadConfigurationError             Quality = 0x80890000
	BadNotConnected                   Quality = 0x808A0000
	BadDeviceFailure                  Quality = 0x808B0000
	BadSensorFailure                  Quality = 0x808C0000
	BadOutOfService                   Quality = 0x808D0000
	BadNoData                         Quality = 0x809B0000
	BadDataLost                       Quality = 0x809D0000
)

// Base is q without its info bits: what decides the name.
func (q Quality) Base() Quality { return q &^ 0xFFFF }

// IsGood reports a severity of good: the value may be used.
func (q Quality) IsGood() bool { return q>>30 == 0 }

// IsUncertain reports a severity of uncertain: there is a value, with a doubt.
func (q Quality) IsUncertain() bool { return q>>30 == 1 }

// IsBad reports a severity of bad: a sample of this quality has no value.
func (q Quality) IsBad() bool { return q>>31 == 1 }

// String is the standard's name of q, info bits ignored; a code without a known name is named by its severity and
// number, such as Bad_0x80AB0000.
func (q Quality) String() string {
	if name, ok := qualityNames[q.Base()]; ok {
		return name
	}
	severity := "Good"
	switch {
	case q.IsBad():
		severity = "Bad"
	case q.IsUncertain():
		severity = "Uncertain"
	}
	return severity + "_0x" + hex32(uint32(q.Base()))
}

func hex32(v uint32) string {
	const digits = "0123456789ABCDEF"
	var b [8]byte
	for i := range b {
		b[i] = digits[v>>(28-4*i)&0xF]
	}
	return string(b[:])
}
