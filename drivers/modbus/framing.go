package modbus

// framing is how frames stand on a line. Its parts are pure: bytes in, bytes out.
type framing interface {
	// appendRequest appends r as a frame.
	appendRequest(dst []byte, r request) []byte
	// parse finds the first frame in b that answers r: of its unit and function, with its byte count or an exception,
	// and a check that is right. Anything else in b is passed over.
	parse(r request, b []byte) (a answer, ok bool)
	// requestChars and answerChars are how many characters a request and the answer to r have.
	requestChars() int
	answerChars(r request) int
}

// answer is a frame that answers a request.
type answer struct {
	data []byte // valid until the framing's next call
	err  error  // an Exception
	end  int    // where the frame ends in what was parsed
}

// newFraming is that of a transport; nil for those that have the header of Modbus TCP.
func newFraming(transport string) framing {
	switch transport {
	case "rtu", "rtuovertcp", "rtuoverudp":
		return rtu{}
	case "ascii", "asciiovertcp":
		return &ascii{}
	}
	return nil
}
