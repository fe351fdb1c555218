package store

import (
	"context"
	"errors"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// Bucket opens a key-value bucket, and makes it if it is not there. It has to be bounded by cfg.MaxBytes; Replicas are set here. One that is
// there keeps the limits that it has.
func (l *Link) Bucket(ctx context.Context, cfg jetstream.KeyValueConfig) (jetstream.KeyValue, error) {
	if cfg.MaxBytes <= 0 {
		return nil, errUnbounded
	}
	kv, err := open(ctx, l, "KV_"+cfg.Bucket,
		func(ctx context.Context) (jetstream.KeyValue, error) { return l.JS.KeyValue(ctx, cfg.Bucket) },
		func(ctx context.Context, replicas int) (jetstream.KeyValue, error) {
			cfg.Replicas = replicas
			return l.JS.CreateKeyValue(ctx, cfg)
		})
	return kv, l.Why(err, cfg.Bucket)
}

// Objects opens an object store, as Bucket does.
func (l *Link) Objects(ctx context.Context, cfg jetstream.ObjectStoreConfig) (jetstream.ObjectStore, error) {
	if cfg.MaxBytes <= 0 {
		return nil, errUnbounded
	}
	o, err := open(ctx, l, "OBJ_"+cfg.Bucket,
		func(ctx context.Context) (jetstream.ObjectStore, error) { return l.JS.ObjectStore(ctx, cfg.Bucket) },
		func(ctx context.Context, replicas int) (jetstream.ObjectStore, error) {
			cfg.Replicas = replicas
			return l.JS.CreateObjectStore(ctx, cfg)
		})
	return o, l.Why(err, cfg.Bucket)
}

// Stream opens a stream, as Bucket does.
func (l *Link) Stream(ctx context.Context, cfg jetstream.StreamConfig) (jetstream.Stream, error) {
	if cfg.MaxBytes <= 0 {
		return nil, errUnbounded
	}
	s, err := open(ctx, l, cfg.Name,
		func(ctx context.Context) (jetstream.Stream, error) { return l.JS.Stream(ctx, cfg.Name) },
		func(ctx context.Context, replicas int) (jetstream.Stream, error) {
			cfg.Replicas = replicas
			return l.JS.CreateStream(ctx, cfg)
		})
	return s, l.Why(err, cfg.Name)
}

// errUnbounded is a mistake of the program.
var errUnbounded = errors.New("cluster store: what is opened has no bound of its bytes")

// open looks something up, makes it where it is not there, and has it copied as often as there are servers for.
func open[T any](ctx context.Context, l *Link, stream string, look func(context.Context) (T, error), create func(context.Context, int) (T, error)) (T, error) {
	v, err := look(ctx)
	if missing(err) {
		v, err = create(ctx, l.replicas())
		if fewServers(err) {
			v, err = create(ctx, 1)
		}
		if exists(err) { // somebody else was faster, with another number of copies or of another release
			v, err = look(ctx)
		}
	}
	if err != nil {
		return v, err
	}
	l.store.mu.Lock()
	l.store.opened[stream] = true
	l.store.mu.Unlock()
	return v, nil
}

func missing(err error) bool {
	return errors.Is(err, jetstream.ErrBucketNotFound) || errors.Is(err, jetstream.ErrStreamNotFound)
}

func exists(err error) bool {
	return errors.Is(err, jetstream.ErrBucketExists) || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse)
}

// fewServers reports that there are not as many servers as copies are wanted.
func fewServers(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && slices.Contains([]jetstream.ErrorCode{10005, 10074}, api.ErrorCode)
}

// growAll has what was opened copied as often as there are servers for, where that was not possible before.
func (s *Store) growAll(ctx context.Context, l *Link) {
	if l.replicas() == 1 {
		return
	}
	s.mu.Lock()
	names := make([]string, 0, len(s.opened))
	for name := range s.opened {
		names = append(names, name)
	}
	s.mu.Unlock()
	for _, name := range names {
		if !l.lives() {
			return
		}
		if err := l.grow(ctx, name); err != nil && ctx.Err() == nil {
			s.o.Log.Debug("not copied to more servers", "stream", name, "err", l.Why(err, name))
		}
	}
}

// grow has one stream copied as often as there are servers for.
func (l *Link) grow(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	at, err := l.JS.Stream(ctx, name)
	if err != nil {
		return err
	}
	cfg := at.CachedInfo().Config
	if cfg.Replicas >= l.replicas() {
		return nil
	}
	cfg.Replicas = l.replicas()
	_, err = l.JS.UpdateStream(ctx, cfg)
	if err == nil {
		l.store.o.Log.Info("cluster store: copied to more servers", "stream", name, "replicas", cfg.Replicas)
	}
	return err
}
