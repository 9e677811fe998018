"""Every number a person can hit. Templates and JavaScript receive them from here."""

import os

from django.conf import settings

MIB = 1024 * 1024

# Words and numbers that people type
NAME_CHARACTERS = 40
NAME_KEY_CHARACTERS = 320  # one sign may unfold to many
MARKS_IN_A_ROW = 2  # combining marks on one letter of a name
NUMBER_DIGITS = 32
MADE_NUMBER_DIGITS = 12
BODY_CHARACTERS = 4000

# Files
FILES_PER_MESSAGE = 10
FILE_NAME_CHARACTERS = 150
FILE_BYTES = settings.MAX_FILE_MIB * MIB
UPLOAD_CHUNK_BYTES = settings.UPLOAD_CHUNK_KIB * 1024
UPLOAD_PIECE_BYTES = max(8 * MIB, UPLOAD_CHUNK_BYTES)  # of what comes in one request
UPLOAD_SECONDS = 24 * 60 * 60  # without news, then an upload is given up
# More of them make the chat wait, not the files come sooner; but while one copies a
# whole file to another machine or has it scanned, the others' parts must not wait.
UPLOAD_THREADS = 1 if (os.cpu_count() or 1) <= 2 else 2
if settings.S3_BUCKET or settings.SCAN_COMMAND:
    UPLOAD_THREADS = 8
SCAN_SECONDS = 300.0  # for a virus scanner to look at a file
UPLOAD_RENEWAL_SECONDS = 60 * 60  # news are written down at most so often
FREE_DISK_BYTES = 32 * MIB  # uploads leave so much to the database
MESSAGE_FILES_BYTES = settings.MAX_UPLOAD_MIB * MIB  # by the plain form
ROOM_FILES_BYTES = settings.ROOM_QUOTA_MIB * MIB
MEMBER_FILES_BYTES = settings.MEMBER_QUOTA_MIB * MIB  # in one room
MEMBER_DAY_BYTES = settings.MEMBER_DAILY_MIB * MIB  # in one room, also when deleted
REQUEST_BYTES = MESSAGE_FILES_BYTES + MIB  # the files and the form around them
PAGE_REQUEST_BYTES = 4 * MIB  # what is sent to any other page
DOWNLOAD_CHUNK_BYTES = 512 * 1024
DOWNLOAD_THREADS = 16  # that read files
ORPHAN_FILE_SECONDS = 60 * 60
ZIP_FILES = 2000  # of one room, the newest
ZIP_TICKS = 250  # files chosen one by one: an address has room for so many

# Previews of images
PREVIEW_FILE_BYTES = 64 * MIB  # larger files have none
PREVIEW_PIXELS = 40_000_000
PREVIEW_SIDE = 480  # pixels; of the thumbnail
PICTURE_SIDE = 2048  # pixels
PREVIEW_MEMORY_BYTES = 640 * MIB  # addresses of the process that makes one
PREVIEW_CPU_SECONDS = 10
PREVIEW_SECONDS = 60
PREVIEW_TRIES = 3  # when that process was ended by others
PREVIEW_TEXT_BYTES = 64 * 1024
CARD_PICTURE_SIDE = 320  # CSS pixels

# Receipts
RECEIPT_SECONDS = 0.5  # those that come meanwhile are told together

# The page of a room's files
SHELF_PAGE = 50  # names
SHELF_VERSIONS = 20  # of one name

# Reading
HISTORY_PAGE = 50  # messages
HISTORY_CHARACTERS = 64_000  # fewer of them when they are very long
CATCH_UP_MESSAGES = 200  # more than this and the page loads its history again
CATCH_UP_CHARACTERS = 64_000  # the same; a page of history comes without haste
PRESENCE_NAMES = 100  # more people are counted, not named

# Joining, as `limits` writes rates
JOINS_PER_BROWSER = "10/minute"  # different numbers
JOINS_PER_ADDRESS = "100/hour"  # different numbers

# Signing in to the admin, right or wrong
SIGN_INS_PER_ADDRESS = "30/hour"
SIGN_INS_PER_ACCOUNT = "20/hour"  # from wherever

# Posting
POSTS_PER_MEMBER = "60/minute"  # by form
POST_BURST = 20  # by socket
POSTS_PER_SECOND = 5  # by socket, after the burst
TOO_FAST_STRIKES = 100  # refusals in STRIKE_SECONDS until the socket is closed
BAD_FRAME_STRIKES = 5
STRIKE_SECONDS = 10

# Sockets
FRAME_BYTES = 64 * 1024  # incoming
SOCKETS_PER_MEMBER = 10
RESUME_SECONDS = 18  # from connecting to the first resume
