package replica

import (
	"context"
	"os"
	"testing"
	"time"
)

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func timeLimit() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Minute)
}
