package mapping

import (
	"strings"
	"testing"
)

// The names that the contract promises, for the codes that this package gives.
func TestQualityNames(t *testing.T) {
	for q, want := range map[Quality]string{
		Good: "Good", GoodClamped: "GoodClamped", GoodLocalOverride: "GoodLocalOverride",
		UncertainNoCommunicationLastValue: "UncertainNoCommunicationLastUsableValue",
		UncertainLastUsableValue:          "UncertainLastUsableValue",
		UncertainSubstituteValue:          "UncertainSubstituteValue",
		UncertainInitialValue:             "UncertainInitialValue",
		UncertainSensorNotAccurate:        "UncertainSensorNotAccurate",
		UncertainUnitsExceeded:            "UncertainEngineeringUnitsExceeded",
		UncertainSubNormal:                "UncertainSubNormal",
		BadUnexpectedError:                "BadUnexpectedError",
		BadInternalError:                  "BadInternalError",
		BadCommunicationError:             "BadCommunicationError",
		BadDecodingError:                  "BadDecodingError",
		BadTimeout:                        "BadTimeout",
		BadNoCommunication:                "BadNoCommunication",
		BadWaitingForInitialData:          "BadWaitingForInitialData",
		BadNodeIDUnknown:                  "BadNodeIdUnknown",
		BadNotReadable:                    "BadNotReadable",
		BadOutOfRange:                     "BadOutOfRange",
		BadNotSupported:                   "BadNotSupported",
		BadResourceUnavailable:            "BadResourceUnavailable",
		BadTypeMismatch:                   "BadTypeMismatch",
		BadConfigurationError:             "BadConfigurationError",
		BadNotConnected:                   "BadNotConnected",
		BadDeviceFailure:                  "BadDeviceFailure",
		BadSensorFailure:                  "BadSensorFailure",
		BadOutOfService:                   "BadOutOfService",
		BadNoData:                         "BadNoData",
		BadDataLost:                       "BadDataLost",
		Good | 0x480:                      "Good", // info bits: overflow
		BadTimeout | 0xFFFF:               "BadTimeout",
		0x80FF0000:                        "Bad_0x80FF0000",
		0x40FF0000:                        "Uncertain_0x40FF0000",
		0x00FF0000:                        "Good_0x00FF0000",
	} {
		if got := q.String(); got != want {
			t.Errorf("%#08x is %s, want %s", uint32(q), got, want)
		}
	}
}

func TestQualityNameSaysSeverity(t *testing.T) {
	for q, name := range qualityNames {
		severity := map[bool]string{q.IsGood(): "Good", q.IsUncertain(): "Uncertain", q.IsBad(): "Bad"}[true]
		if !strings.HasPrefix(name, severity) || q.Base() != q {
			t.Errorf("%#08x is %s, its bits say %s", uint32(q), name, severity)
		}
	}
}
