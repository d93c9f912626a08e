/** What every page has. */

import "./dialogs.js";
import "./tables.js";
import "./times.js";

if (location.hash.startsWith("#token=")) history.replaceState(null, "", location.pathname);
