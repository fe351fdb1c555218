package wire

import "tagbridge/mapping"

// Status is a status code (Part 4, 7.39). As an error it is a service that failed.
type Status uint32

// The codes that something is done about, beside those of mapping.Quality.
const (
	Good                         Status = 0
	BadTooManyOperations         Status = 0x80100000
	BadEncodingLimitsExceeded    Status = 0x80080000
	BadRequestTooLarge           Status = 0x80B80000
	BadResponseTooLarge          Status = 0x80B90000
	BadTCPMessageTooLarge        Status = 0x80800000
	BadServiceUnsupported        Status = 0x800B0000
	BadSecurityChecksFailed      Status = 0x80130000
	BadCertificateInvalid        Status = 0x80120000
	BadCertificateTimeInvalid    Status = 0x80140000
	BadCertificateHostInvalid    Status = 0x80160000
	BadCertificateURIInvalid     Status = 0x80170000
	BadCertificateUseNotAllowed  Status = 0x80180000
	BadCertificateUntrusted      Status = 0x801A0000
	BadCertificateChainIncomplet Status = 0x810D0000
	BadUserAccessDenied          Status = 0x801F0000
	BadIdentityTokenInvalid      Status = 0x80200000
	BadIdentityTokenRejected     Status = 0x80210000
	BadSessionIDInvalid          Status = 0x80250000
	BadSessionClosed             Status = 0x80260000
	BadSessionNotActivated       Status = 0x80270000
	BadSubscriptionIDInvalid     Status = 0x80280000
	BadTooManySessions           Status = 0x80560000
	BadTooManyPublishRequests    Status = 0x80780000
	BadNoSubscription            Status = 0x80790000
	BadMessageNotAvailable       Status = 0x807B0000
	BadFilterNotAllowed          Status = 0x80450000
	BadMonitoredFilterInvalid    Status = 0x80430000
	BadMonitoredFilterUnsupport  Status = 0x80440000
	BadDeadbandFilterInvalid     Status = 0x808E0000
	BadSecureChannelIDInvalid    Status = 0x80220000
	BadSecurityPolicyRejected    Status = 0x80550000
	BadSecurityModeRejected      Status = 0x80540000
	BadNodeIDUnknown             Status = 0x80340000
	BadNodeIDInvalid             Status = 0x80330000
	BadAttributeIDInvalid        Status = 0x80350000
	BadNotReadable               Status = 0x803A0000
	BadNotSupported              Status = 0x803D0000
	BadNotImplemented            Status = 0x80400000
	BadNoContinuationPoints      Status = 0x804B0000
	BadContinuationPointInvalid  Status = 0x804A0000
	BadNoMatch                   Status = 0x806F0000
	BadTooManyMonitoredItems     Status = 0x80DB0000
	BadTooManySubscriptions      Status = 0x80770000
)

// IsBad reports a severity of bad.
func (s Status) IsBad() bool { return s>>31 == 1 }

// Base is s without its info bits.
func (s Status) Base() Status { return s &^ 0xFFFF }

// Error is the standard's name of s.
func (s Status) Error() string { return mapping.Quality(s).String() }

// overflow is the info bits of a value whose queue ran over: info type data value, and the Overflow bit.
const overflow = 0x480

// Overflow reports that values before this one were lost because the server's queue was full.
func (s Status) Overflow() bool { return s&overflow == overflow }

// TooLarge reports that the server wants to be asked for less at once.
func (s Status) TooLarge() bool {
	switch s.Base() {
	case BadTooManyOperations, BadEncodingLimitsExceeded, BadRequestTooLarge, BadResponseTooLarge, BadTCPMessageTooLarge:
		return true
	}
	return false
}

// SessionLost reports that the session or channel is gone.
func (s Status) SessionLost() bool {
	switch s.Base() {
	case BadSessionIDInvalid, BadSessionClosed, BadSessionNotActivated, BadSecureChannelIDInvalid:
		return true
	}
	return false
}
