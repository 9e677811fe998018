from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode


class ThroughActions(admin.ModelAdmin):
    """Rows are made by people in rooms, read here, and deleted by `delete_one`."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [name for name in self.fields if name not in self.editable]

    editable: tuple[str, ...] = ()

    def delete_one(self, row):
        raise NotImplementedError

    def get_deleted_objects(self, objs, request):
        """Name the rows only: what goes with them is the action's business, and a
        room's may be a million."""
        counts = {self.opts.verbose_name_plural: len(objs)}
        missing = set() if self.has_delete_permission(request) else {self.opts.label}
        return [str(row) for row in objs], counts, missing, []

    def delete_model(self, request, obj):
        self.delete_one(obj)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            self.delete_one(row)


def link(view, text, *arguments, **query):
    """Return a link to an admin page, with its filters as the query."""
    url = reverse(f"admin:{view}", args=arguments)
    filters = f"?{urlencode(query)}" if query else ""
    return format_html('<a href="{}{}">{}</a>', url, filters, text)


def per_row(rows, path, aggregate):
    """A subquery of one aggregate per row of a list, over `rows` that name it so:
    joins would multiply each other."""
    rows = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Coalesce(Subquery(rows.annotate(total=aggregate).values("total")), 0)
