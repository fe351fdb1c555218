package web

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// slowly is a check of passwords that takes a while and knows one pair a user.
func slowly(checked *int) func(name, password string) bool {
	return func(name, password string) bool {
		*checked++
		return password == name+"'s"
	}
}

func TestWhoGuessesWaitsAndNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		checked := 0
		l := newLogins(slowly(&checked))
		ctx := t.Context()
		if v := l.check(ctx, "10.0.0.1", "anna", "anna's"); v != admitted {
			t.Fatalf("anna: %v", v)
		}
		for i := range 1000 {
			l.check(ctx, "10.0.0.66", "anna", fmt.Sprint(i))
		}
		if checked > 1+freeGuesses+1 {
			t.Errorf("%d passwords were checked of 1,000 guesses at once", checked)
		}
		if v := l.check(ctx, "10.0.0.66", "anna", "anna's"); v != admitted {
			t.Errorf("anna, who is known, from where guesses come: %v", v)
		}
		if v := l.check(ctx, "10.0.0.2", "bob", "bob's"); v != admitted {
			t.Errorf("bob: %v", v)
		}
		before := checked
		time.Sleep(longestWait)
		if v := l.check(ctx, "10.0.0.66", "anna", "again"); v != refused || checked != before+1 {
			t.Errorf("a guess after a pause: %v, checked: %v", v, checked != before)
		}
	})
}

func TestAMistypedPasswordCostsNoWait(t *testing.T) {
	checked := 0
	l := newLogins(slowly(&checked))
	for range freeGuesses - 1 {
		if v := l.check(t.Context(), "10.0.0.1", "anna", "ana's"); v != refused {
			t.Fatalf("wrong: %v", v)
		}
	}
	if v := l.check(t.Context(), "10.0.0.1", "anna", "anna's"); v != admitted {
		t.Errorf("right: %v", v)
	}
}

func TestGuessersAreBounded(t *testing.T) {
	checked := 0
	l := newLogins(slowly(&checked))
	for i := range 2 * maxGuessers {
		l.check(t.Context(), fmt.Sprint(i), "anna", "x")
	}
	if len(l.guessers) > maxGuessers {
		t.Errorf("%d are remembered", len(l.guessers))
	}
}

func TestALoginWhoseRequestHasEndedIsNotChecked(t *testing.T) {
	checked := 0
	l := newLogins(slowly(&checked))
	l.turn <- struct{}{} // another is under way
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if v := l.check(ctx, "10.0.0.1", "anna", "anna's"); v != refused || checked != 0 {
		t.Errorf("%v, %d checked", v, checked)
	}
}
