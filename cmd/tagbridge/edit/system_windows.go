package edit

import (
	"errors"
	"io/fs"
)

// noFollow is not needed: making a link takes rights that who may write here does not have.
const noFollow = 0

// writable is why the regular file at target, which info is of, cannot be replaced. The rights of Windows show when it is
// tried; the attribute is what people set.
func writable(_ string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o200 == 0 {
		return errors.New("it is marked read-only")
	}
	return nil
}
