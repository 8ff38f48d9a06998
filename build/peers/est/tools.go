//go:build tools

package est

import _ "github.com/globalsign/est/cmd/estserver"
