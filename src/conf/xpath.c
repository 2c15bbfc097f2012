#include "conf/xpath.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "conf/xml.h"

static void be_silent(void *context, const char *format, ...)
{
}

static int add_node(xmlDocPtr doc, xmlNodePtr node, bool wrap, struct str *ret, struct err *e)
{
    xmlBufferPtr b = xmlBufferCreate();
    int r = xmlNodeDump(b, doc, node, wrap, 1);
    if (r >= 0)
        str_addf(ret, "%s%s\n", wrap ? "  " : "", (const char *)xmlBufferContent(b));
    xmlBufferFree(b);
    return r < 0 ? fail(e, ERR_INTERNAL, "cannot print what the XPath expression found") : 0;
}

static int add_all(xmlDocPtr doc, xmlXPathObjectPtr found, const char *expression, bool wrap,
                   struct str *ret, struct err *e)
{
    int r = 0;
    if (!found || found->type != XPATH_NODESET)
        return fail(e, ERR_INVALID_ARG, "invalid xpath expression '%s'", expression);
    if (xmlXPathNodeSetIsEmpty(found->nodesetval))
        return fail(e, ERR_OPERATION_FAILED, "xpath expression '%s' finds nothing", expression);
    if (wrap)
        str_add(ret, "<nodes>\n");
    for (int i = 0; !r && i < found->nodesetval->nodeNr; i++)
        r = add_node(doc, found->nodesetval->nodeTab[i], wrap, ret, e);
    if (wrap)
        str_add(ret, "</nodes>\n");
    return r;
}

int xpath_find(const char *xml, const char *expression, bool wrap, struct str *ret, struct err *e)
{
    struct xml_doc checked = {0};
    size_t len = strlen(xml);
    if (xml_parse(xml, len, NULL, &checked, e)) /* its limits, and no document types */
        return -1;
    xml_clear(&checked);
    xmlDocPtr doc = xmlReadMemory(xml, (int)len, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_NOERROR |
                                      XML_PARSE_NOWARNING);
    xmlXPathContextPtr context = doc ? xmlXPathNewContext(doc) : NULL;
    xmlXPathObjectPtr found = NULL;
    xmlSetGenericErrorFunc(NULL, be_silent);
    if (context)
        found = xmlXPathEval((const xmlChar *)expression, context);
    int r = doc ? add_all(doc, found, expression, wrap, ret, e)
                : fail(e, ERR_XML_ERROR, "the document cannot be read");
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(doc);
    return r;
}
