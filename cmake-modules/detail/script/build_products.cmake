# What an earlier build in the source folder itself may have left; it is not part of the sources.
set(build_products "\\.(ko|mod|mod\\.c|mod\\.o|cmd|order|o\\.d)$|(^|/)(Module\\.symvers|\\.tmp_versions/.*|\\.git/.*|\\.git)$")
