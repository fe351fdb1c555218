package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tagbridge/mapping/cause"
)

// attempt is how far connecting has come.
type attempt struct {
	began   time.Time
	answers int
	offers  string // policies and modes of the server, where they are known
	logins  string // that the endpoint takes, likewise
}

// answered counts an answer; of what is connected nothing is counted.
func (a *attempt) answered() {
	if a != nil {
		a.answers++
	}
}

// slow says of an attempt that ran out of time what an engineer can do about it.
func (o *Options) slow(err error) error {
	passed := time.Since(o.attempt.began).Round(100 * time.Millisecond)
	if o.attempt.answers == 0 {
		return cause.New(fmt.Sprintf("it takes the connection and does not answer for %v: is it an OPC UA server, "+
			"is the port right, is it busy?", passed), err)
	}
	return cause.New(fmt.Sprintf("the server answers slowly: %d answers came in %v and then none in time: give the device more time, "+
		"such as timeout: %v", o.attempt.answers, passed, max(30*time.Second, 3*o.patience())), err)
}

func timedOut(err error) bool {
	return errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// lost puts into words that the other side has closed the connection.
func lost(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || cause.Broken(err) {
		return cause.New("the server closed the connection; if it always does: is the port right, and is it an OPC UA server?", err)
	}
	return err
}
