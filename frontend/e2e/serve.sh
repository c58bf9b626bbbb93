#!/bin/sh
# Open a small trained shop on the port $1 for the end-to-end tests. Its data lies in a temporary
# folder, which is removed when the shop stops.
set -eu
cd "$(dirname "$0")/../.."
PYTHON="${PYTHON:-.venv/bin/python}"
VAR_DIR="$(mktemp -d "${TMPDIR:-/tmp}/storefront-e2e.XXXXXX")"
export VAR_DIR DJANGO_SETTINGS_MODULE=ecommerce_rec.settings_dev LOG_LEVEL=WARNING
export SHOP_PICTURE_VECTORS=1
# No training begins while tests wait for the worker.
export SHOP_RETRAIN_AFTER_INTERACTIONS=1000000
export DATABASE_URL="sqlite:///$VAR_DIR/db.sqlite3" REDIS_URL=""
server=
worker=
close() {
  trap - EXIT INT TERM HUP
  for process in $server $worker; do kill "$process" 2>/dev/null || true; done
  for process in $server $worker; do wait "$process" 2>/dev/null || true; done
  rm -rf "$VAR_DIR"
}
trap close EXIT
trap 'exit 143' INT TERM HUP

# One process for all steps: each would spend seconds on imports. The behaviour of the sample
# shoppers depends on the hour, so the data always ends at noon of yesterday.
"$PYTHON" manage.py shell --verbosity 0 -c "
from datetime import UTC, datetime, time, timedelta
from django.core.management import call_command
from recommendations.sample_data import populate
call_command('migrate', verbosity=0)
noon = datetime.combine(datetime.now(UTC) - timedelta(days=1), time(12), UTC)
populate(products=240, users=160, interactions=12_000, seed=7, end_time=noon)
call_command('train_models')
from django.contrib.auth.models import User
User.objects.create_superuser('staff', password='staff-of-the-tests')
from django.contrib.auth.models import Group
from recommendations.models import Order, Product
for role in Group.objects.all():
    name = role.name.split()[0].lower()
    member = User.objects.create_user(name, password='correct-horse-battery', is_staff=True)
    member.groups.add(role)
User.objects.create_user('newcomer')
buyer, product = User.objects.create_user('demo-buyer'), Product.objects.first()
order = Order.objects.create(user=buyer, created_at=noon)
order.lines.create(product=product, product_name=product.name, price=product.price, quantity=1)
call_command('rebuild_insight')
# The oldest products get photographs, which the shop compares; those of the others are drawings.
from io import BytesIO
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw
for number, product in enumerate(Product.objects.filter(stock__gt=0).order_by('created_at', 'id')[:8]):
    picture = Image.new('RGB', (480, 480), 'white')
    brush = ImageDraw.Draw(picture)
    if number % 2:
        brush.ellipse((90, 90 + number, 390, 390), fill='navy')
    else:
        for left in range(40, 440, 80):
            brush.rectangle((left, 40 + number, left + 30, 440), fill='maroon')
    content = BytesIO()
    picture.save(content, 'JPEG')
    product.image.save(f'photograph-{number}.jpg', ContentFile(content.getvalue()))
call_command('encode_pictures')"
"$PYTHON" -m ecommerce_rec.serve --port "$1" &
server=$!
# Without its schedule: it does what staff hand to it, and nothing by itself.
"$PYTHON" -m celery --app ecommerce_rec worker --pool solo --without-gossip --without-mingle \
  --without-heartbeat --loglevel WARNING &
worker=$!
wait "$server"
