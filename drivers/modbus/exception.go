package modbus

import (
	"fmt"

	"tagbridge/mapping"
)

// Exception is a Modbus exception code (application protocol V1.1b3, 7): the unit, or a gateway on its way, answered
// that it will not do what was asked. The connection is in order.
type Exception uint8

// The exceptions of the specification.
const (
	IllegalFunction     Exception = 1
	IllegalDataAddress  Exception = 2
	IllegalDataValue    Exception = 3
	DeviceFailure       Exception = 4
	Acknowledge         Exception = 5
	DeviceBusy          Exception = 6
	MemoryParityError   Exception = 8
	PathUnavailable     Exception = 10 // gateway
	TargetFailedRespond Exception = 11 // gateway
)

// Error is the specification's name of e and its number.
func (e Exception) Error() string { return fmt.Sprintf("%s (exception %d)", e.name(), uint8(e)) }

func (e Exception) name() string {
	switch e {
	case IllegalFunction:
		return "illegal function"
	case IllegalDataAddress:
		return "illegal data address"
	case IllegalDataValue:
		return "illegal data value"
	case DeviceFailure:
		return "device failure"
	case Acknowledge:
		return "request acknowledged, still at work"
	case DeviceBusy:
		return "device busy"
	case MemoryParityError:
		return "memory parity error"
	case PathUnavailable:
		return "gateway path unavailable"
	case TargetFailedRespond:
		return "gateway target device failed to respond"
	}
	return "unknown exception"
}

// Quality is that of the tags that were asked for. Codes of makers and of no specification count as a failure of the
// device.
func (e Exception) Quality() mapping.Quality {
	switch e {
	case IllegalFunction:
		return mapping.BadNotSupported
	case IllegalDataAddress:
		return mapping.BadConfigurationError
	case IllegalDataValue:
		return mapping.BadOutOfRange
	case Acknowledge, DeviceBusy:
		return mapping.BadResourceUnavailable
	case PathUnavailable, TargetFailedRespond:
		return mapping.BadNoCommunication
	}
	return mapping.BadDeviceFailure
}

// isBusy reports exceptions that ask for the same request again after a pause.
func (e Exception) isBusy() bool { return e == Acknowledge || e == DeviceBusy }

// isNoAnswer reports a gateway's word that the unit behind it did not answer.
func (e Exception) isNoAnswer() bool { return e == PathUnavailable || e == TargetFailedRespond }
