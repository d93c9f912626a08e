"""Values kept as references: `${NAME}`, `${keyring:…}`, `${file:…}`, `${cmd:…}`."""

from ccw.config.references.environs import ProjectEnviron as ProjectEnviron
from ccw.config.references.environs import project_environ as project_environ
from ccw.config.references.filling import equal_variable as equal_variable
from ccw.config.references.filling import expand as expand
from ccw.config.references.filling import fill as fill
from ccw.config.references.filling import substitute as substitute
from ccw.config.references.masking import MARK as MARK
from ccw.config.references.masking import mask as mask
from ccw.config.references.masking import mask_address as mask_address
from ccw.config.references.parsing import Reference as Reference
from ccw.config.references.parsing import file_place as file_place
from ccw.config.references.parsing import has_sources as has_sources
from ccw.config.references.parsing import keyring_entry as keyring_entry
from ccw.config.references.parsing import outside_references as outside_references
from ccw.config.references.parsing import problems as problems
from ccw.config.references.parsing import references as references
from ccw.config.references.parsing import replaced as replaced
from ccw.config.references.parsing import unset_variables as unset_variables
from ccw.config.references.parsing import variables as variables
