package modbus

// inbox is what has come over a connection and is not yet understood.
type inbox struct {
	b       [4 * frameSize]byte
	n       int // bytes that are there
	done    int // of them, those that are done with
	old     int // of them, those that came before the present request
	strange strange
}

func (in *inbox) empty() { in.n, in.done = 0, 0 }

// rest is how many bytes are not understood.
func (in *inbox) rest() int { return in.n - in.done }

// begin makes ready for the answer to a request that is about to be sent. What was taken before is of no more use.
func (in *inbox) begin() {
	in.n = copy(in.b[:], in.b[in.done:in.n])
	in.done, in.old = 0, in.n
	if in.strange != (strange{}) {
		in.strange = strange{}
	}
}

// space is where to put what comes next; there is room for a whole frame, as no more than one begun is ever kept. A
// datagram that was no answer is not gone on with.
func (in *inbox) space(packet bool) []byte {
	if packet {
		in.empty()
		in.old = 0
	}
	if in.done > 0 {
		in.old = max(0, in.old-in.done)
		in.n = copy(in.b[:], in.b[in.done:in.n])
		in.done = 0
	}
	return in.b[in.n:]
}

// take looks for the answer to q in what has come; its data is valid until the next begin.
func (in *inbox) take(q *question) (answer, bool) {
	a, ok := q.find(in.b[in.done:in.n], max(0, in.old-in.done), &in.strange)
	in.done += a.end
	return a, ok
}
